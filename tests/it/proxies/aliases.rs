//! Headers that a proxy itself lets pass, and many frameworks take for others, for the path or for the method.

use super::Front;
use super::site::Site;

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
        "X-UserToken",
        "X_UserToken",
        "X-Real-IP",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Forwarded-Proto",
        "Forwarded",
        "X-Forwarded-Access-Token",
        "X-Forwarded-By",
        "X-Forwarded-Email",
        "X-Forwarded-Groups",
        "X-Forwarded-Hostname",
        "X-Forwarded-Method",
        "X-Forwarded-Path",
        "X-Forwarded-Port",
        "X-Forwarded-Preferred-Username",
        "X-Forwarded-Prefix",
        "X-Forwarded-Protocol",
        "X-Forwarded-Scheme",
        "X-Forwarded-Server",
        "X-Forwarded-Ssl",
        "X-Forwarded-Tls-Client-Cert",
        "X-Forwarded-Uri",
        "X-Forwarded-User",
        "X-HTTP-Method",
        "X-HTTP-Method-Override",
        "X-Method-Override",
        "X-Original-Forwarded-For",
        "X-Original-Host",
        "X-Original-Method",
        "X-Original-URI",
        "X-Original-URL",
        "X-Rewrite-URL",
    ];
    assert_nothing_passes(&site, &names.map(str::to_owned)).await;
}

pub(super) async fn threat_11_no_alias_reaches_the_app(front: Front) {
    let site = Site::start(front).await;
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
