//! The lines of HAProxy, in its configuration and in the script that asks.

use super::{Line, Quoted};

pub(super) const fn quoted(line: Line) -> Quoted {
    match script(line) {
        [] => Quoted {
            file: "haproxy/haproxy.cfg",
            lines: configuration(line),
        },
        lines => Quoted {
            file: "haproxy/doorward.lua",
            lines,
        },
    }
}

const fn script(line: Line) -> &'static [&'static str] {
    match line {
        Line::Question => &[
            "[\"x-original-method\"] = { txn.f:method() },",
            "[\"x-original-url\"] = { url },",
        ],
        Line::Answer => &["turn_away(txn, 503, \"Service unavailable\")"],
        Line::SignIn => &[
            "elseif answer.status == 401 and login ~= nil then",
            "turn_away(txn, 302, \"Sign in\", { location = { login } })",
        ],
        Line::Identity => &["txn.http:req_set_header(\"x-userid\", identity)"],
        Line::NoStore => &["headers[\"cache-control\"] = { \"no-store\" }"],
        _ => &[],
    }
}

const fn configuration(line: Line) -> &'static [&'static str] {
    match line {
        Line::Ask => &[
            "http-request lua.doorward shop",
            "http-request deny deny_status 503 unless { var(txn.doorward) -m str shop }",
        ],
        Line::Internal => &["server doorward_internal 127.0.0.1:8081 check inter 1s fall 3 rise 1"],
        Line::Pages => &["server doorward 127.0.0.1:8080"],
        Line::Routes => &[
            "acl pages path /login /logout /register /account",
            "acl pages path_beg /login/ /logout/ /register/ /account/",
        ],
        Line::Aliases => &["option http-restrict-req-hdr-names delete"],
        Line::Connection => &["http-request del-header Connection"],
        Line::Forwarded => &[
            "http-request del-header Forwarded",
            "http-request del-header X-Forwarded- -m beg",
            "http-request del-header X-Original- -m beg",
            "http-request del-header X-Rewrite- -m beg",
            "http-request del-header X-HTTP-Method -m beg",
            "http-request set-header X-Forwarded-For %[src]",
        ],
        Line::Closed => &["use_backend doorward if pages", "default_backend app_shop"],
        Line::WebSockets => &[
            "http-request set-header Upgrade websocket if websocket",
            "http-request set-header Connection upgrade if websocket",
        ],
        Line::Upgrades => &["http-request del-header Upgrade unless websocket"],
        Line::Hsts => {
            &["http-after-response set-header Strict-Transport-Security max-age=31536000"]
        }
        Line::ToHttps => {
            &["http-request redirect code 308 location https://%[req.fhdr(host),host_only]%[pathq]"]
        }
        Line::Question
        | Line::Answer
        | Line::SignIn
        | Line::Identity
        | Line::NoStore
        | Line::Host => &[],
    }
}
