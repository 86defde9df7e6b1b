//! The lines of Envoy. What it does by itself needs none.

use super::{Line, Quoted};

const IDENTITIES: &str = "key_matcher: { safe_regex: { regex: 'x[^a-z]*user[^a-z]*(id|token)' } }";
const CLAIMS: &str =
    "key_matcher: { safe_regex: { regex: 'x[^a-z](forwarded|original|envoy)([^a-z].*)?' } }";
const OVERRIDES: &str = "key_matcher: { safe_regex: { regex: 'x[^a-z]rewrite[^a-z]url|x[^a-z]http[^a-z]method|x[^a-z](http[^a-z])?method[^a-z]override' } }";

pub(super) const fn quoted(line: Line) -> Quoted {
    let lines: &[&str] = match line {
        Line::Ask => &["path_prefix: /verify/envoy/shop"],
        Line::Question => &["path_prefix: /verify/envoy/shop", CLAIMS],
        Line::Answer => &["status_on_error: { code: ServiceUnavailable }"],
        Line::SignIn => &[
            "- exact: accept",
            "- exact: sec-fetch-mode",
            "- exact: sec-fetch-dest",
        ],
        Line::Internal => &[
            "server_uri: { uri: \"http://doorward_internal\", cluster: doorward_internal, timeout: 10s }",
            "- endpoint: { address: { socket_address: { address: \"127.0.0.1\", port_value: 8081 } } }",
        ],
        Line::Pages => &[
            "- endpoint: { address: { socket_address: { address: \"127.0.0.1\", port_value: 8080 } } }",
        ],
        Line::Routes => {
            &["- match: { safe_regex: { regex: '/(login|logout|register|account)(/.*)?' } }"]
        }
        Line::Identity => &[
            IDENTITIES,
            "authorization_response: { allowed_upstream_headers: { patterns: [{ exact: x-userid }] } }",
        ],
        Line::Aliases => &[
            IDENTITIES,
            "common_http_protocol_options: { headers_with_underscores_action: DROP_HEADER, max_headers_count: 500 }",
        ],
        Line::Connection => &[
            "- append: { header: { key: connection, value: upgrade }, append_action: OVERWRITE_IF_EXISTS }",
        ],
        Line::Forwarded => &[
            CLAIMS,
            OVERRIDES,
            "- append: { header: { key: x-forwarded-for, value: \"%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%\" } }",
        ],
        Line::WebSockets | Line::Upgrades => &["upgrade_configs: [{ upgrade_type: websocket }]"],
        Line::NoStore => &["- header: { key: cache-control, value: no-store }"],
        Line::Hsts => &["- header: { key: strict-transport-security, value: max-age=31536000 }"],
        Line::ToHttps => &["redirect: { https_redirect: true, response_code: PERMANENT_REDIRECT }"],
        Line::Host | Line::Closed => &[],
    };
    Quoted {
        file: "envoy/envoy.yaml",
        lines,
    }
}
