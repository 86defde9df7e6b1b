//! The lines of nginx.

use super::{Line, Quoted};

pub(super) const fn quoted(line: Line) -> Quoted {
    let lines: &[&str] = match line {
        Line::Ask => &["auth_request /.doorward;"],
        Line::Question => &[
            "proxy_set_header X-Original-Method $request_method;",
            "proxy_set_header X-Original-URL $scheme://$host$public_port$request_uri;",
        ],
        Line::Answer => &[
            "error_page 401 500 = @door;",
            "if ($door ~ ^5) { return 503; }",
        ],
        Line::SignIn => &[
            "auth_request_set $login $upstream_http_location;",
            "error_page 401 500 = @door;",
            "if ($login) { return 302 $login; }",
            "return 401;",
        ],
        Line::Internal => &[
            "upstream doorward_internal { server 127.0.0.1:8081; keepalive 32; }",
            "proxy_pass http://doorward_internal/verify/nginx/shop;",
        ],
        Line::Pages => &[
            "upstream doorward { server 127.0.0.1:8080; }",
            "proxy_pass http://doorward;",
        ],
        Line::Routes => &["location ~ ^/(login|logout|register|account)(/|$) {"],
        Line::Host => &["proxy_set_header Host $host$public_port;"],
        Line::Identity => &[
            "auth_request_set $user_id $upstream_http_x_userid;",
            "proxy_set_header X-UserId $user_id;",
        ],
        Line::Aliases => &["underscores_in_headers off;", "ignore_invalid_headers on;"],
        Line::Connection => &["proxy_set_header Connection $connection_header;"],
        Line::Forwarded => &[
            "proxy_set_header X-Forwarded-For $remote_addr;",
            "proxy_set_header X-Forwarded-Proto $scheme;",
            "proxy_set_header X-Forwarded-Host $host$public_port;",
            "proxy_set_header Forwarded \"\";",
            "proxy_set_header X-HTTP-Method-Override \"\";",
            "proxy_set_header X-Rewrite-URL \"\";",
        ],
        Line::Closed => &["internal;"],
        Line::WebSockets => &[
            "proxy_http_version 1.1;",
            "proxy_set_header Upgrade $websocket;",
            "proxy_set_header Connection $connection_header;",
        ],
        Line::Upgrades => &[
            "~*^websocket$ websocket;",
            "proxy_set_header Upgrade $websocket;",
        ],
        Line::NoStore => &["add_header Cache-Control no-store always;"],
        Line::Hsts => &["add_header Strict-Transport-Security max-age=31536000 always;"],
        Line::ToHttps => &["return 308 https://$host$request_uri;"],
    };
    Quoted {
        file: "nginx/doorward.conf",
        lines,
    }
}
