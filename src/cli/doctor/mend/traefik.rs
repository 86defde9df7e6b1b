//! The lines of Traefik. What it does by itself needs none.

use super::{Line, Quoted};

pub(super) const fn quoted(line: Line) -> Quoted {
    let lines: &[&str] = match line {
        Line::Ask => &["middlewares: [doorward-no-upgrade, door-shop]"],
        Line::Question => &[
            "address: \"http://127.0.0.1:8082/verify/traefik/shop\"",
            "trustForwardHeader: false",
        ],
        Line::Answer => &[
            "errors: {status: [\"502\", \"504\"], statusRewrites: {\"502-504\": 503}, service: noop@internal}",
        ],
        Line::SignIn => &[
            "address: \"http://127.0.0.1:8082/verify/traefik/shop\"",
            "authRequestHeaders: [Accept, Cookie, Sec-Fetch-Dest, Sec-Fetch-Mode, Sec-WebSocket-Key, X-Request-Id]",
        ],
        Line::Internal => &[
            "doorward-internal: {loadBalancer: {servers: [{url: \"http://127.0.0.1:8081\"}], serversTransport: doorward-internal}}",
            "address: \"http://127.0.0.1:8082/verify/traefik/shop\"",
        ],
        Line::Pages => &["doorward: {loadBalancer: {servers: [{url: \"http://127.0.0.1:8080\"}]}}"],
        Line::Routes => &[
            "rule: (Host(`localhost`) || Host(`127.0.0.1`)) && PathRegexp(`^/(login|logout|register|account)(/|$)`)",
        ],
        Line::Identity => &["authResponseHeaders: [X-UserId, Cookie]"],
        Line::Aliases => {
            return Quoted {
                file: "traefik/traefik.yaml",
                lines: &["http: {aliasHeadersStrategy: delete}"],
            };
        }
        Line::Forwarded => &[
            "trustForwardHeader: false",
            "authResponseHeadersRegex: (?i)^(x[^a-z0-9]*user[^a-z0-9]*(id|token)$|forwarded$|x-(original|rewrite)-|x-(http-)?method|x-forwarded-([^fhps]|f[^o]|h[^o]|p[^or]|pr[^o]|s[^e]|(for|host|port|proto|server).))",
        ],
        Line::Closed => &["entryPoints: [doorward]"],
        Line::WebSockets => &[
            "rule: (Host(`localhost`) || Host(`127.0.0.1`)) && HeaderRegexp(`Upgrade`, `(?i)^websocket$`)",
        ],
        Line::Upgrades => {
            &["doorward-no-upgrade: {headers: {customRequestHeaders: {Upgrade: \"\"}}}"]
        }
        Line::NoStore => {
            &["doorward-no-store: {headers: {customResponseHeaders: {Cache-Control: no-store}}}"]
        }
        Line::ToHttps => &["doorward-https: {redirectScheme: {scheme: https, permanent: true}}"],
        Line::Host | Line::Connection | Line::Hsts => &[],
    };
    Quoted {
        file: "traefik/doorward.yaml",
        lines,
    }
}
