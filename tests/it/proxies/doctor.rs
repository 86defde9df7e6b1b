//! `doorward doctor` finds nothing wrong with any of the examples. What it finds is in `doctor`.

use std::fs;

use super::shared_login::Family;
use super::site::{Front, Protocol, Site};
use crate::doctor::{PROBE, Told};
use crate::support::proxy::Kind;
use crate::support::tls;

async fn examine(proxy: Kind, protocol: Protocol) -> Told {
    let site = Site::start(Front { proxy, protocol }).await;
    let certificate = tempfile::NamedTempFile::new().expect("folder");
    fs::write(certificate.path(), tls::certificate()).expect("own file");
    let certificate = certificate.path().display().to_string();
    let (origin, address) = (site.origin(), site.proxy.address());
    let mut words = vec!["doctor", &origin, "--json", "--proxy", proxy.name()];
    words.extend(["--probe", PROBE, "--connect-to", &address]);
    if protocol == Protocol::Https {
        words.extend(["--ca", &certificate]);
    }
    Told::new(site.doorward.command(&words).await)
}

/// Envoy answers an upgrade that the app refuses by itself, so what the app saw of it can't be read.
fn hidden<'h>(proxy: Kind, others: &[&'h str]) -> Vec<&'h str> {
    let of_envoy = Some("websockets").filter(|_| proxy == Kind::Envoy);
    others.iter().copied().chain(of_envoy).collect()
}

macro_rules! examined {
    ($($module:ident: $proxy:ident),+) => {
        $(mod $module {
            use super::*;

            #[tokio::test]
            async fn the_doctor_finds_nothing_wrong_with_the_example() {
                let told = examine(Kind::$proxy, Protocol::Http).await;
                told.assert_nothing_wrong();
                assert_eq!(told.not_checked(), hidden(Kind::$proxy, &["internal-port", "outage"]));
            }

            #[tokio::test]
            async fn the_doctor_finds_nothing_wrong_with_what_is_printed_for_https() {
                let told = examine(Kind::$proxy, Protocol::Https).await;
                told.assert_nothing_wrong();
                // The test has no port 80.
                let hidden = hidden(Kind::$proxy, &["internal-port", "outage", "plain-http"]);
                assert_eq!(told.not_checked(), hidden);
            }
        })+
    };
}

examined! { nginx: Nginx, traefik: Traefik, caddy: Caddy, haproxy: Haproxy, envoy: Envoy }

macro_rules! examined_with_shared_login {
    ($($case:ident: $proxy:ident),+) => {
        $(#[tokio::test]
        async fn $case() {
            examine_shared_login(Kind::$proxy).await;
        })+
    };
}

examined_with_shared_login! {
    the_doctor_finds_nothing_wrong_with_apps_that_share_their_sign_in_behind_nginx: Nginx,
    the_doctor_finds_nothing_wrong_with_apps_that_share_their_sign_in_behind_traefik: Traefik
}

async fn examine_shared_login(kind: Kind) {
    let family = Family::start(kind).await;
    let certificate = tempfile::NamedTempFile::new().expect("folder");
    fs::write(certificate.path(), tls::certificate()).expect("own file");
    let certificate = certificate.path().display().to_string();
    let address = family.proxy.address();
    // One app needs a session nearly everywhere, the other for a single page.
    for (host, probe) in [("shop", "/"), ("blog", PROBE)] {
        let origin = family.origin(host);
        let words = [
            &["doctor", &origin, "--json", "--probe", probe][..],
            &["--connect-to", &address, "--ca", &certificate],
        ];
        let told = Told::new(family.doorward.command(&words.concat()).await);
        told.assert_nothing_wrong();
        assert_eq!(
            told.not_checked(),
            ["internal-port", "neighbours", "outage", "plain-http"]
        );
    }
}
