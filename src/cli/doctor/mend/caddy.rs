//! The lines of Caddy. What it does by itself needs none.

use super::{Line, Quoted};

pub(super) const fn quoted(line: Line) -> Quoted {
    let lines: &[&str] = match line {
        Line::Ask | Line::Internal | Line::SignIn => {
            &["forward_auth 127.0.0.1:8081 {", "uri /verify/caddy/shop?"]
        }
        Line::Question => &["uri /verify/caddy/shop?", "request_header -X-Forwarded-*"],
        Line::Answer => &["respond @unanswered \"Service unavailable\" 503"],
        Line::Pages => &["reverse_proxy @pages 127.0.0.1:8080"],
        Line::Routes => &["@pages path_regexp ^/(login|logout|register|account)(/|$)"],
        Line::Identity => &["request_header -X-UserId", "copy_headers X-UserId"],
        Line::Aliases => &["request_header -*_*", "request_header -*.*"],
        Line::Connection => &["request_header -Connection"],
        Line::Forwarded => &[
            "request_header -X-Forwarded-*",
            "request_header -X-Original-*",
            "request_header -X-Rewrite-*",
            "request_header -X-HTTP-Method*",
            "request_header -Forwarded",
        ],
        Line::Closed => &["forward_auth 127.0.0.1:8081 {"],
        Line::WebSockets | Line::Upgrades => &[
            "@websocket vars_regexp {header.Upgrade} (?i)^websocket$",
            "request_header -Connection",
            "request_header @websocket Connection Upgrade",
        ],
        Line::NoStore => &["header @unanswered Cache-Control no-store"],
        Line::Hsts => &["header ?Strict-Transport-Security max-age=31536000"],
        Line::Host | Line::ToHttps => &[],
    };
    Quoted {
        file: "caddy/Caddyfile",
        lines,
    }
}
