//! Which requests reach Doorward's pages, and which its internal listener.

use super::site::{Clinic, PROBE, Told};

const ROUTE: &str = "location ~ ^/(login|logout|register|account)(/|$) {";

async fn probed(wrong: &[(&str, &str)]) -> Told {
    Clinic::with(wrong)
        .await
        .diagnose(&["--probe", PROBE])
        .await
}

#[tokio::test]
async fn a_page_without_a_route_is_found() {
    for route in [
        "location ~ ^/(login|logout|register)(/|$) {",
        "location ~ ^/(logout|register|account)(/|$) {",
        "location ~ ^/(login|logout|register|account)$ {",
        "location ~ ^/(login|logout|register|account)/ {",
        "location = /nowhere {",
    ] {
        let told = probed(&[(ROUTE, route)]).await;
        told.assert_only("pages", ROUTE);
    }
}

#[tokio::test]
async fn a_route_that_takes_the_apps_pages_is_found() {
    let told = probed(&[(ROUTE, "location ~ ^/(login|logout|register|account) {")]).await;
    told.assert_only("neighbours", ROUTE);
}

#[tokio::test]
async fn pages_that_can_not_be_reached_are_found() {
    let told = probed(&[(
        "proxy_pass http://doorward;",
        "proxy_pass http://127.0.0.1:1;",
    )])
    .await;
    told.assert_only("pages", "proxy_pass http://doorward;");
}

#[tokio::test]
async fn a_host_that_doorward_does_not_know_is_found() {
    let clinic = Clinic::with_toml(
        &[("\"localhost\", \"127.0.0.1\"", "\"shop.localhost\"")],
        &[],
    )
    .await;
    let told = clinic
        .diagnose_without_configuration(&["--probe", PROBE], "")
        .await;
    told.assert_only("host", "proxy_set_header Host $host$public_port;");
    let line = told.finding()["mend"]["configuration"]
        .as_str()
        .expect("a line");
    assert!(line.starts_with("hosts = [\"localhost:"), "{line}");
}

#[tokio::test]
async fn a_verify_endpoint_that_visitors_reach_is_found() {
    for wrong in [
        (
            ROUTE,
            "location /verify/ { proxy_pass http://doorward_internal; }\n    location ~ ^/(login|logout|register|account)(/|$) {",
        ),
        ("        internal;\n", ""),
    ] {
        probed(&[wrong]).await.assert_only("verify", "internal;");
    }
}

#[tokio::test]
async fn an_internal_listener_that_visitors_reach_is_found() {
    for path in ["/healthz", "/readyz"] {
        let open =
            format!("location = {path} {{ proxy_pass http://doorward_internal; }}\n    {ROUTE}");
        let told = probed(&[(ROUTE, &open)]).await;
        told.assert_only(
            "internal",
            "proxy_pass http://doorward_internal/verify/nginx/shop;",
        );
    }
}
