//! Headers that a proxy itself lets pass, and many frameworks take for others, for the path or for the method.

use super::site::Site;
use super::{Front, Kind, Protocol};

/// Signs of a header's name that CGI and its heirs make `_` of, as they do of `-`.
const SIGNS: &str = "!#$%&'*+.^_`|~";

const LIE: &str = "evil.example";

/// Asks for a public page with these headers; nothing of them may reach the app.
async fn assert_nothing_passes(site: &Site, names: &[String]) {
    let headers: Vec<_> = names.iter().map(|name| (name.as_str(), LIE)).collect();
    assert_eq!(site.ask("GET", "/", &headers).await, 200, "{names:?}");
    let request = site.app.take_only_request();
    let passed: Vec<_> = request
        .headers
        .iter()
        .filter(|(_, value)| value.contains(LIE))
        .collect();
    assert_eq!(passed, [] as [&(String, String); 0], "the visitor's own");
    site.identity(&request);
}

/// What some framework believes. Doorward has judged the request itself, so no app may be told another one.
pub(super) async fn threat_06_no_header_that_means_another_request_reaches_the_app(front: Front) {
    let site = Site::start(front).await;
    let names = [
        "X-Original-URL",
        "X-Rewrite-URL",
        "X-HTTP-Method",
        "X-HTTP-Method-Override",
        "X-Method-Override",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Forwarded-Port",
        "X-Forwarded-Prefix",
        "X-Forwarded-Proto",
        "X-Real-IP",
        "Forwarded",
    ];
    assert_nothing_passes(&site, &names.map(str::to_owned)).await;
}

#[tokio::test]
async fn threat_11_no_alias_passes_traefik() {
    for protocol in [Protocol::Http, Protocol::Http2] {
        let proxy = Kind::Traefik;
        let site = Site::start(Front { proxy, protocol }).await;
        for sign in SIGNS.chars() {
            let aliases = ["X-UserId", "X-Forwarded-For", "X-Real-Ip", "X-Original-URL"]
                .map(|name| name.replace('-', &sign.to_string()));
            let mixed = [
                format!("X{sign}Forwarded-Proto"),
                format!("X-User{sign}Id"),
                format!("X{sign}User{sign}Token"),
            ];
            assert_nothing_passes(&site, &[&aliases[..], &mixed].concat()).await;
        }
    }
}

#[tokio::test]
async fn threat_06_no_header_of_another_proxy_passes_traefik() {
    let (proxy, protocol) = (Kind::Traefik, Protocol::Http);
    let site = Site::start(Front { proxy, protocol }).await;
    let names = [
        "X-User-Id",
        "X-User-Token",
        "X-UserToken",
        "X-Forwarded-User",
        "X-Forwarded-Email",
        "X-Forwarded-Groups",
        "X-Forwarded-Preferred-Username",
        "X-Forwarded-Access-Token",
        "X-Forwarded-Scheme",
        "X-Forwarded-Ssl",
        "X-Forwarded-Protocol",
        "X-Forwarded-Hostname",
        "X-Forwarded-Path",
        "X-Forwarded-By",
        "X-Forwarded-Tls-Client-Cert",
        "X-Original-Uri",
        "X-Original-Host",
        "X-Original-Forwarded-For",
        "X-HTTP-Method",
        "X-HTTP-Method-Override",
        "X-Method-Override",
    ];
    assert_nothing_passes(&site, &names.map(str::to_owned)).await;
}
