//! https, and nothing but https.

use super::site::{Clinic, PROBE};

const HOST: &str = "shop.example.com";

#[tokio::test]
async fn nothing_is_wrong_with_what_proxy_config_prints_for_https() {
    let clinic = Clinic::over_tls(HOST, &[]).await;
    clinic
        .diagnose_over_tls(&["--probe", PROBE])
        .await
        .assert_well();
}

#[tokio::test]
async fn https_that_doorward_takes_for_http_is_found() {
    let clinic = Clinic::over_tls("http://shop.example.com", &[]).await;
    let told = clinic.diagnose_over_tls(&["--probe", PROBE]).await;
    told.assert_wrong(&["scheme"]);
    let line = told.finding()["mend"]["configuration"]
        .as_str()
        .expect("a line");
    assert!(
        line.starts_with("hosts = [\"https://shop.example.com"),
        "{line}"
    );
}

#[tokio::test]
async fn http_that_doorward_takes_for_https_is_found() {
    let hosts = [("\"localhost\", \"127.0.0.1\"", "\"https://localhost\"")];
    let clinic = Clinic::with_toml(&hosts, &[]).await;
    clinic
        .diagnose(&["--probe", PROBE])
        .await
        .assert_wrong(&["scheme"]);
}

#[tokio::test]
async fn https_without_hsts_is_found() {
    let line = "add_header Strict-Transport-Security max-age=31536000 always;";
    let at_the_door = format!("        {line}\n        if ($door");
    let clinic = Clinic::over_tls(HOST, &[(&at_the_door, "        if ($door")]).await;
    let told = clinic.diagnose_over_tls(&["--probe", PROBE]).await;
    told.assert_only("hsts", line);
}

#[tokio::test]
async fn plain_http_that_is_answered_is_found() {
    for wrong in [
        "return 200 hello; #",
        "return 302 https://elsewhere.example$request_uri; #",
    ] {
        let clinic = Clinic::over_tls(HOST, &[("return 308", wrong)]).await;
        let told = clinic.diagnose_over_tls(&["--probe", PROBE]).await;
        told.assert_only("plain-http", "return 308 https://$host$request_uri;");
    }
}
