//! `doorward doctor` before the real nginx: the example in order, and the example wrong on purpose in one place.
//!
//! Each wrong one is found, that alone is found, and the line that mends it is named. What the doctor says of the other
//! proxies' examples is in `proxies`.

mod cached;
mod identity;
mod routes;
mod secure;
mod shut;
mod sign_in;
mod site;
mod words;

pub(crate) use site::{PROBE, Told};

use super::support::doorward::Doorward;
use super::support::upstream::App;
use site::Clinic;

#[tokio::test]
async fn nothing_is_wrong_with_the_example() {
    let clinic = Clinic::with(&[]).await;
    clinic.diagnose(&["--probe", PROBE]).await.assert_well();
}

#[tokio::test]
async fn nothing_is_wrong_with_other_ways_to_be_right() {
    let bound = [("keys_file", "binding = \"request\"\nkeys_file")];
    let own_page = [("# login_page", "login_page")];
    let below = [(
        "[apps.shop]",
        "[server]\nbase_path = \"/auth\"\n\n[apps.shop]",
    )];
    let pages = "location ~ ^/(login|logout|register|account)(/|$) {";
    let pages_below = "location ~ ^/auth/(login|logout|register|account)(/|$) {";
    for (toml, conf) in [
        (&bound[..], &[][..]),
        (&own_page, &[]),
        (&below, &[(pages, pages_below)]),
    ] {
        let clinic = Clinic::with_toml(toml, conf).await;
        clinic.diagnose(&["--probe", PROBE]).await.assert_well();
    }
}

/// Names below localhost are the machine's own, whether or not its resolver knows them.
#[tokio::test]
async fn a_name_below_localhost_is_this_machine() {
    let hosts = [("\"localhost\", \"127.0.0.1\"", "\"shop.localhost\"")];
    let names = [(
        "server_name localhost 127.0.0.1;",
        "server_name shop.localhost;",
    )];
    let mut clinic = Clinic::with_toml(&hosts, &names).await;
    clinic.url = clinic.url.replace("localhost", "shop.localhost");
    let told = clinic.diagnose(&["--probe", PROBE]).await;
    told.assert_well();
    assert!(told.fact("asked at").starts_with("127.0.0.1:"));
}

#[tokio::test]
async fn nothing_is_wrong_with_the_gateway() {
    let app = App::start();
    let toml = format!(
        "[server]\ntrusted_proxies = []\n[apps.shop]\nhosts = [\"127.0.0.1\"]\nupstream = \"{}\"\n\
         rules = [{{ path = \"/news/*\", access = \"public\" }}]\n",
        app.url()
    );
    let doorward = Doorward::builder().toml(&toml).start().await;
    let words = ["doctor", doorward.public(), "--json", "--probe", PROBE];
    let told = Told::new(doorward.command(&words).await);
    told.assert_nothing_wrong();
    assert_eq!(told.not_checked(), ["internal-port", "outage"]);
}

#[tokio::test]
async fn without_a_probe_what_only_the_app_sees_is_not_checked() {
    let clinic = Clinic::with(&[]).await;
    let told = clinic.diagnose(&[]).await;
    told.assert_nothing_wrong();
    let hidden = [
        "aliases",
        "clock",
        "connection",
        "forwarded",
        "identity",
        "internal-port",
        "outage",
        "signature",
        "upgrades",
        "verify-cache",
        "websockets",
    ];
    assert_eq!(told.not_checked(), hidden);
}

#[tokio::test]
async fn without_a_configuration_it_says_so_and_checks_what_it_can() {
    let clinic = Clinic::with(&[]).await;
    let told = clinic
        .diagnose_without_configuration(&["--probe", PROBE], "")
        .await;
    told.assert_nothing_wrong();
    assert_eq!(told.not_checked(), ["internal-port", "outage", "signature"]);
    assert!(
        told.fact("app").contains("no configuration"),
        "{}",
        told.fact("app")
    );
}
