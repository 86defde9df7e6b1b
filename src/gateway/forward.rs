//! The headers that an app receives: its own identity header, nothing that resembles it, and no session cookie.
//!
//! Must not look at anything but headers.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::domain::admitted::Admitted;

/// What a client says about itself and a gateway says better, or what other servers would believe.
const REPLACED: [&str; 9] = [
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-forwarded-port",
    "x-real-ip",
    "x-original-url",
    "x-rewrite-url",
    "x-http-method-override",
];

/// Turns a visitor's headers into those for the app.
pub(super) fn prepare(headers: &mut HeaderMap, admitted: &Admitted) {
    let upgrade = headers.contains_key(header::UPGRADE);
    remove_nominated(headers);
    let lookalikes: Vec<_> = headers.keys().filter(|name| resembles_identity(name)).cloned().collect();
    for name in lookalikes {
        headers.remove(name);
    }
    for name in REPLACED {
        headers.remove(name);
    }
    if upgrade {
        headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    }
    hide_cookie(headers, &admitted.cookie_name);
    set(headers, "x-forwarded-for", &admitted.client.to_string());
    set(headers, "x-forwarded-proto", admitted.scheme.as_str());
    set(headers, "x-forwarded-host", &admitted.host);
    set(headers, "x-userid", &admitted.identity);
}

fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::try_from(value) {
        headers.insert(name, value);
    }
}

/// Removes what `Connection` names, here, so that a client can't have the identity header removed later.
fn remove_nominated(headers: &mut HeaderMap) {
    let lines: Vec<_> = headers.get_all(header::CONNECTION).iter().cloned().collect();
    let names = lines.iter().filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(','));
    for name in names.filter_map(|name| HeaderName::try_from(name.trim()).ok()) {
        if name != header::UPGRADE {
            headers.remove(name);
        }
    }
    headers.remove(header::CONNECTION);
}

/// `X-UserId`, and what servers that fold punctuation would take for it.
fn resembles_identity(name: &HeaderName) -> bool {
    let letters = name.as_str().bytes().filter(u8::is_ascii_alphanumeric);
    letters.eq(*b"xuserid") || name.as_str().bytes().filter(u8::is_ascii_alphanumeric).eq(*b"xusertoken")
}

/// Takes the session cookie out: whoever holds it can act as the user.
fn hide_cookie(headers: &mut HeaderMap, name: &str) {
    let lines: Vec<_> = headers.get_all(header::COOKIE).iter().cloned().collect();
    headers.remove(header::COOKIE);
    let kept = lines.iter().filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(';')).map(str::trim);
    let ours = |pair: &&str| pair.split_once('=').is_some_and(|(key, _)| key.trim() == name);
    let kept = kept.filter(|pair| !pair.is_empty() && !ours(pair)).collect::<Vec<_>>().join("; ");
    if !kept.is_empty() {
        set(headers, "cookie", &kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::host::Scheme;

    fn prepared(headers: &[(&str, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        let admitted = Admitted {
            app: "shop".parse().unwrap(),
            identity: "anonymous.1.mac".to_owned(),
            cookie_name: "SESSION".to_owned(),
            client: "203.0.113.7".parse().unwrap(),
            scheme: Scheme::Https,
            host: "shop.example.com".to_owned(),
        };
        prepare(&mut map, &admitted);
        map
    }

    #[test]
    fn threat_11_only_our_own_identity_header_reaches_the_app() {
        let forged = [
            ("X-UserId", "evil"),
            ("x-userid", "evil"),
            ("X_UserId", "evil"),
            ("X-User_Id", "evil"),
            ("X.UserId", "evil"),
            ("X-User-Id", "evil"),
            ("X-UserToken", "evil"),
            ("Connection", "close, X-UserId, x-hop"),
            ("X-Hop", "1"),
            ("Accept", "*/*"),
        ];
        let headers = prepared(&forged);
        assert_eq!(headers.get_all("x-userid").iter().collect::<Vec<_>>(), ["anonymous.1.mac"]);
        assert!(!headers.values().any(|value| value == "evil"), "{headers:?}");
        assert!(!headers.contains_key("connection") && !headers.contains_key("x-hop"));
        assert_eq!(headers["accept"], "*/*");
    }

    #[test]
    fn threat_04_what_a_client_says_about_its_way_is_replaced() {
        let headers = prepared(&[
            ("X-Forwarded-For", "10.0.0.1"),
            ("X-Forwarded-For", "10.0.0.2"),
            ("X-Forwarded-Proto", "http"),
            ("X-Forwarded-Host", "evil.example"),
            ("X-Rewrite-URL", "/admin"),
            ("Forwarded", "for=10.0.0.1"),
        ]);
        assert_eq!(headers.get_all("x-forwarded-for").iter().collect::<Vec<_>>(), ["203.0.113.7"]);
        assert_eq!(headers["x-forwarded-proto"], "https");
        assert_eq!(headers["x-forwarded-host"], "shop.example.com");
        assert!(!headers.contains_key("x-rewrite-url") && !headers.contains_key("forwarded"));
    }

    #[test]
    fn the_session_cookie_is_taken_out_and_others_stay() {
        let headers = prepared(&[("Cookie", "a=1; SESSION=secret; b=2"), ("Cookie", "SESSION=other; XSESSION=3")]);
        assert_eq!(headers.get_all("cookie").iter().collect::<Vec<_>>(), ["a=1; b=2; XSESSION=3"]);
        assert!(!prepared(&[("Cookie", "SESSION=secret")]).contains_key("cookie"));
    }

    #[test]
    fn a_websocket_handshake_stays_one() {
        let headers = prepared(&[("Connection", "keep-alive, Upgrade"), ("Upgrade", "websocket")]);
        assert_eq!((&headers["connection"], &headers["upgrade"]), (&"upgrade".parse().unwrap(), &"websocket".parse().unwrap()));
    }
}
