//! Where visitors are sent to sign in, and whether they can.

use super::site::{Clinic, PROBE, Told};

async fn probed(wrong: &[(&str, &str)]) -> Told {
    Clinic::with(wrong)
        .await
        .diagnose(&["--probe", PROBE])
        .await
}

#[tokio::test]
async fn a_lost_port_is_found() {
    let line = "proxy_set_header X-Original-URL $scheme://$host$public_port$request_uri;";
    let told = probed(&[(
        line,
        "proxy_set_header X-Original-URL $scheme://$host$request_uri;",
    )])
    .await;
    told.assert_only("sign-in-address", line);
}

#[tokio::test]
async fn a_way_back_to_another_page_is_found() {
    let line = "proxy_set_header X-Original-URL $scheme://$host$public_port$request_uri;";
    let told = probed(&[(
        line,
        "proxy_set_header X-Original-URL $scheme://$host$public_port$request_uri/more;",
    )])
    .await;
    told.assert_only("sign-in-address", line);
}

#[tokio::test]
async fn redirects_in_a_circle_are_found() {
    let pages = "proxy_pass http://doorward;";
    let told = probed(&[(pages, "if ($request_uri ~ ^/login\\?) { return 302 $request_uri; }\n        proxy_pass http://doorward;")]).await;
    told.assert_only("redirects", pages);
    let to_https = "server_name localhost 127.0.0.1;\n    if ($http_x_forwarded_proto != https) { return 301 $scheme://$host$public_port$request_uri; }";
    let told = probed(&[("server_name localhost 127.0.0.1;", to_https)]).await;
    told.assert_only("redirects", pages);
}

#[tokio::test]
async fn a_form_that_is_refused_for_its_origin_is_found() {
    let host = "proxy_set_header Host $host$public_port;";
    let wrong = format!("proxy_set_header Connection \"\";\n        {host}");
    let without_port = "proxy_set_header Connection \"\";\n        proxy_set_header Host $host;";
    let told = probed(&[(&wrong, without_port)]).await;
    told.assert_only("sign-in-form", host);
}

#[tokio::test]
async fn a_cookie_that_is_changed_on_its_way_is_found() {
    let pages = "proxy_pass http://doorward;";
    for rewritten in [
        "proxy_cookie_path / /shop;",
        "proxy_cookie_flags SESSION nohttponly;",
        "proxy_cookie_flags SESSION samesite=none;",
        "proxy_set_header Cookie \"\";",
    ] {
        let told = probed(&[(pages, &format!("{rewritten}\n        {pages}"))]).await;
        told.assert_only("cookie", pages);
    }
}

#[tokio::test]
async fn a_cookie_of_another_name_is_found() {
    let clinic = Clinic::with(&[]).await;
    let key = clinic.doorward.key_hex();
    let toml = format!(
        "[sessions]\ncookie_name = \"ANOTHER\"\n[apps.shop]\nhosts = [\"localhost\"]\nkeys = [\"{key}\"]\n\
         rules = [{{ path = \"/news/*\", access = \"public\" }}]\n"
    );
    let told = clinic
        .diagnose_without_configuration(&["--probe", PROBE], &toml)
        .await;
    told.assert_only("cookie", "proxy_pass http://doorward;");
}
