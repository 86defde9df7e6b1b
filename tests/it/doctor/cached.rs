//! What is kept that has to be asked for again.

use super::site::{Clinic, PROBE, Told};

async fn probed(wrong: &[(&str, &str)]) -> Told {
    Clinic::with(wrong)
        .await
        .diagnose(&["--probe", PROBE])
        .await
}

/// A cache, beside the maps.
const CACHE: (&str, &str) = (
    "# The port as",
    "proxy_cache_path cache keys_zone=kept:1m;\n\n# The port as",
);

fn caching(before: &str, key: &str) -> String {
    format!(
        "proxy_cache kept;\n        proxy_cache_key {key};\n        proxy_cache_valid any 1m;\n        \
         proxy_ignore_headers Cache-Control Set-Cookie;\n        {before}"
    )
}

#[tokio::test]
async fn an_answer_that_may_be_kept_is_found() {
    let line = "add_header Cache-Control no-store always;";
    let told = probed(&[(&format!("        {line}\n"), "")]).await;
    told.assert_only("cache", line);
}

#[tokio::test]
async fn pages_from_a_cache_are_found() {
    let pages = "proxy_pass http://doorward;";
    let told = probed(&[
        CACHE,
        (
            pages,
            &caching(
                pages,
                "$request_method$request_uri$http_cookie$http_accept$http_origin",
            ),
        ),
    ])
    .await;
    told.assert_only("cache", pages);
}

#[tokio::test]
async fn pages_of_the_app_from_a_cache_are_found() {
    let app = "proxy_pass http://app_shop;";
    let key = "$request_uri$http_x_userid$http_connection$http_x_forwarded_for$http_upgrade$host";
    let told = probed(&[CACHE, (app, &caching(app, key))]).await;
    told.assert_wrong(&["cache"]);
}

#[tokio::test]
async fn a_verification_from_a_cache_is_found() {
    let ask = "proxy_pass http://doorward_internal/verify/nginx/shop;";
    let key = "$request_method$request_uri$http_cookie$http_accept$http_sec_fetch_dest$host";
    let told = probed(&[CACHE, (ask, &caching(ask, key))]).await;
    told.assert_only("verify-cache", ask);
}

#[tokio::test]
async fn a_verification_for_another_page_is_found_without_a_probe() {
    let ask = "proxy_pass http://doorward_internal/verify/nginx/shop;";
    let key = "$request_method$uri$http_cookie$http_accept$http_sec_fetch_dest$host";
    let told = Clinic::with(&[CACHE, (ask, &caching(ask, key))])
        .await
        .diagnose(&[])
        .await;
    told.assert_only("verify-cache", ask);
}
