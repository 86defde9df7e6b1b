//! The headers that an app receives: its own identity header, nothing that resembles it, and no session cookie.
//!
//! Must not look at anything but headers.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::domain::admitted::Admitted;
use crate::domain::cookies::without_session;

/// What a client says about itself and a gateway says better, or what other servers would believe.
const REPLACED: [&str; 10] = [
    "forwarded",
    "x-real-ip",
    "x-client-ip",
    "true-client-ip",
    "x-rewrite-url",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    // CGI makes HTTP_PROXY of it, which programs take for a setting.
    "proxy",
    "proxy-connection",
];
/// Families of such names.
const REPLACED_FAMILIES: [&str; 2] = ["x-forwarded-", "x-original-"];

/// Turns a visitor's headers into those for the app.
pub(super) fn prepare(headers: &mut HeaderMap, admitted: &Admitted) {
    let nominated = nominated(headers);
    let upgrade = nominated.contains(&header::UPGRADE) && asks_for_websocket(headers);
    let unwelcome = |name: &&HeaderName| resembles_identity(name) || is_replaced(name);
    let unwelcome: Vec<_> = headers.keys().filter(unwelcome).cloned().collect();
    // `Host` is no header of the connection, whatever a client says.
    let nominated = nominated
        .into_iter()
        .filter(|name| *name != header::UPGRADE && *name != header::HOST);
    for name in nominated.chain(unwelcome).chain([header::CONNECTION]) {
        headers.remove(name);
    }
    if upgrade {
        headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    } else {
        headers.remove(header::UPGRADE);
    }
    hide_cookie(headers, &admitted.cookie_name);
    set(headers, "x-forwarded-for", &admitted.client.to_string());
    set(headers, "x-forwarded-proto", admitted.scheme.as_str());
    set(headers, "x-forwarded-host", &admitted.host);
    set(headers, "x-userid", &admitted.identity);
}

/// Only a WebSocket may leave HTTP: any other upgrade could be a tunnel past the judgement of later requests.
fn asks_for_websocket(headers: &HeaderMap) -> bool {
    let mut lines = headers.get_all(header::UPGRADE).iter();
    let first = lines
        .next()
        .is_some_and(|line| line.as_bytes().eq_ignore_ascii_case(b"websocket"));
    first && lines.next().is_none()
}

fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::try_from(value) {
        headers.insert(name, value);
    }
}

/// What `Connection` names: headers that end here. They are removed before ours is added, so that a client can't have
/// the identity header removed later.
fn nominated(headers: &HeaderMap) -> Vec<HeaderName> {
    let lines = headers.get_all(header::CONNECTION).iter();
    let names = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
    names
        .filter_map(|name| HeaderName::from_bytes(name.trim_ascii()).ok())
        .collect()
}

/// As servers read it that take `_` and `.` for `-`.
fn is_replaced(name: &HeaderName) -> bool {
    let name = name.as_str().replace(['_', '.'], "-");
    REPLACED.contains(&name.as_str())
        || REPLACED_FAMILIES
            .iter()
            .any(|family| name.starts_with(family))
}

/// `X-UserId`, and what servers that fold punctuation would take for it.
fn resembles_identity(name: &HeaderName) -> bool {
    let letters = || name.as_str().bytes().filter(u8::is_ascii_alphanumeric);
    letters().eq(*b"xuserid") || letters().eq(*b"xusertoken")
}

/// Takes session cookies out.
fn hide_cookie(headers: &mut HeaderMap, name: &str) {
    let lines = headers.get_all(header::COOKIE).iter();
    let kept = without_session(lines.map(HeaderValue::as_bytes), name);
    headers.remove(header::COOKIE);
    if let (false, Ok(value)) = (kept.is_empty(), HeaderValue::from_bytes(&kept)) {
        headers.insert(header::COOKIE, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::host::Scheme;

    fn prepared(headers: &[(&str, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(
                HeaderName::try_from(*name).unwrap(),
                HeaderValue::from_bytes(value.as_bytes()).unwrap(),
            );
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
        assert_eq!(
            headers.get_all("x-userid").iter().collect::<Vec<_>>(),
            ["anonymous.1.mac"]
        );
        assert!(
            !headers.values().any(|value| value == "evil"),
            "{headers:?}"
        );
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
            ("X_Forwarded_For", "10.0.0.1"),
            ("X-Forwarded-Prefix", "/admin"),
            ("X-Original-URL", "/admin"),
            ("X-Rewrite-URL", "/admin"),
            ("X-HTTP-Method-Override", "DELETE"),
            ("Forwarded", "for=10.0.0.1"),
            ("Proxy", "http://10.0.0.1"),
        ]);
        assert_eq!(
            headers
                .get_all("x-forwarded-for")
                .iter()
                .collect::<Vec<_>>(),
            ["203.0.113.7"]
        );
        assert_eq!(headers["x-forwarded-proto"], "https");
        assert_eq!(headers["x-forwarded-host"], "shop.example.com");
        assert_eq!(headers.len(), 4, "{headers:?}");
    }

    #[test]
    fn the_session_cookie_is_taken_out_and_others_stay() {
        let headers = prepared(&[
            ("Cookie", "a=1; SESSION=secret; b=2"),
            ("Cookie", "SESSION=other; XSESSION=3"),
        ]);
        assert_eq!(
            headers.get_all("cookie").iter().collect::<Vec<_>>(),
            ["a=1; b=2; XSESSION=3"]
        );
        assert!(!prepared(&[("Cookie", "SESSION=secret")]).contains_key("cookie"));
        let others = "__Host-SESSION=secret; __Secure-SESSION=secret; SESSION=secret; __Host-a=1";
        assert_eq!(
            prepared(&[("Cookie", others)])["cookie"],
            "__Host-a=1",
            "nor that of another pool"
        );
        let headers = prepared(&[("Cookie", "name=Zoë; SESSION = secret;SESSION=\u{e9}")]);
        assert_eq!(
            headers["cookie"].as_bytes(),
            "name=Zoë".as_bytes(),
            "not all cookies are ASCII"
        );
    }

    #[test]
    fn the_host_stays_whatever_a_client_says() {
        let headers = prepared(&[("Host", "shop.example.com"), ("Connection", "Host, close")]);
        assert_eq!(headers["host"], "shop.example.com");
    }

    #[test]
    fn a_websocket_handshake_stays_one() {
        let headers = prepared(&[
            ("Connection", "keep-alive, Upgrade"),
            ("Upgrade", "websocket"),
        ]);
        assert_eq!(
            (
                headers["connection"].as_bytes(),
                headers["upgrade"].as_bytes()
            ),
            (&b"upgrade"[..], &b"websocket"[..])
        );
    }

    #[test]
    fn an_upgrade_that_the_connection_does_not_name_is_none() {
        assert!(!prepared(&[("Upgrade", "websocket")]).contains_key("connection"));
    }

    #[test]
    fn threat_42_nothing_but_a_websocket_leaves_http() {
        for upgrade in ["h2c", "websocket, h2c", "TLS/1.0", ""] {
            let headers = prepared(&[
                ("Connection", "Upgrade, HTTP2-Settings"),
                ("Upgrade", upgrade),
            ]);
            assert!(!headers.contains_key("upgrade"), "{upgrade}");
            assert!(!headers.contains_key("connection"), "{upgrade}");
        }
        let twice = [
            ("Connection", "Upgrade"),
            ("Upgrade", "websocket"),
            ("Upgrade", "h2c"),
        ];
        assert!(!prepared(&twice).contains_key("upgrade"));
    }
}
