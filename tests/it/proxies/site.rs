//! An app behind Doorward and a real proxy, and what a visitor asks there.

use super::configuration::{Addresses, addressed, example, printed};
use crate::support::doorward::{Db, Doorward};
use crate::support::frames;
use crate::support::http::{
    Answer, FORM, NAVIGATION, Version, form, raw_status, raw_to, send_in, wait_for,
};
use crate::support::identity::{Binding, Identity, check};
use crate::support::process::eventually;
use crate::support::proxy::{Kind, Proxy, with_replaced};
use crate::support::upstream::{App, Recorded};
use crate::visitor::PASSWORD;

/// The host of the example, and that of the site on https.
const LOCAL: &str = "localhost";
const PUBLIC: &str = "shop.example.com";

/// What visitors meet: a proxy, and how it is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Front {
    pub(super) proxy: Kind,
    pub(super) protocol: Protocol,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    /// HTTP/1.1 without TLS.
    Http,
    /// HTTP/1.1 over TLS.
    Https,
    /// HTTP/2 over TLS.
    Http2,
}

impl Front {
    pub(super) fn has_tls(self) -> bool {
        self.protocol != Protocol::Http
    }

    pub(super) fn scheme(self) -> &'static str {
        if self.has_tls() { "https" } else { "http" }
    }

    /// The host that the app is known by.
    pub(super) fn host(self) -> &'static str {
        if self.has_tls() { PUBLIC } else { LOCAL }
    }

    /// The name of the session cookie.
    pub(super) fn cookie_name(self) -> &'static str {
        if self.has_tls() {
            "__Host-SESSION"
        } else {
            "SESSION"
        }
    }

    /// The example's configuration of Doorward; the key is the test's own.
    pub(super) fn doorward_toml(self) -> String {
        let text = with_replaced(
            &example(self.proxy, "doorward.toml"),
            &[("keys_file = \"shop.keys\"\n", "")],
        );
        if !self.has_tls() {
            return text;
        }
        let hosts = format!("hosts = [\"{PUBLIC}\"]");
        with_replaced(&text, &[("hosts = [\"localhost\", \"127.0.0.1\"]", &hosts)])
    }

    fn version(self) -> Version {
        match self.protocol {
            Protocol::Http | Protocol::Https => Version::Http1,
            Protocol::Http2 => Version::Http2,
        }
    }
}

/// Proxy, Doorward and app.
pub(super) struct Site {
    pub(super) front: Front,
    pub(super) proxy: Proxy,
    pub(super) doorward: Doorward,
    pub(super) app: App,
}

impl Site {
    pub(super) async fn start(front: Front) -> Self {
        Self::start_with(front, &front.doorward_toml(), Db::Sqlite).await
    }

    /// With this `doorward.toml`.
    pub(super) async fn start_with(front: Front, config: &str, database: Db) -> Self {
        let site = Self::assemble(front, config, database, None).await;
        site.wait_for(&site.url("/login")).await;
        site
    }

    /// Where the sign-in page is at another path.
    pub(super) async fn start_at(front: Front, config: &str, login: &str) -> Self {
        let site = Self::assemble(front, config, Db::Sqlite, None).await;
        site.wait_for(&site.url(login)).await;
        site
    }

    /// The example, with something else where Doorward answers the proxy's questions. Only without TLS: what is printed
    /// names the addresses of `doorward.toml`.
    pub(super) async fn start_asking(front: Front, internal: &str) -> Self {
        assert!(!front.has_tls(), "what is printed asks Doorward itself");
        let config = front.doorward_toml();
        let site = Self::assemble(front, &config, Db::Sqlite, Some(internal)).await;
        site.wait_for(&site.url("/login")).await;
        site
    }

    async fn assemble(front: Front, config: &str, database: Db, internal: Option<&str>) -> Self {
        let doorward = Doorward::builder().toml(config).database(database);
        let doorward = doorward.start().await;
        let app = App::start();
        let address = app.address();
        let proxy = Proxy::start(front.proxy, async |folder, port| {
            if front.has_tls() {
                let upstream = format!("shop={address}");
                return printed(front.proxy, &doorward, &[&upstream], (folder, port)).await;
            }
            let addresses = Addresses {
                app: &address,
                pages: doorward.public(),
                internal: internal.unwrap_or(doorward.internal()),
                proxy: &format!("127.0.0.1:{port}"),
            };
            addressed(front.proxy, &addresses)
        })
        .await;
        Self {
            front,
            proxy,
            doorward,
            app,
        }
    }

    /// A proxy may listen before it knows where to send requests.
    async fn wait_for(&self, login: &str) {
        wait_for(self.front.version(), login, || self.proxy.log()).await;
    }

    /// Host and port, as visitors write them.
    pub(super) fn authority(&self) -> String {
        format!("{}:{}", self.front.host(), self.proxy.port())
    }

    /// As in an `Origin` header.
    pub(super) fn origin(&self) -> String {
        format!("{}://{}", self.front.scheme(), self.authority())
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin())
    }

    pub(super) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<reqwest::Body>,
    ) -> Answer {
        let (version, url) = (self.front.version(), self.url(path));
        let answer = send_in(version, method, &url, headers, body).await;
        for secret in ["x-userid", "x-envoy-auth-headers-to-remove"] {
            assert_eq!(answer.header(secret), None, "between proxy and app alone");
        }
        let https_alone = answer.header("strict-transport-security").is_some();
        assert_eq!(https_alone, self.front.has_tls(), "{:?}", answer.headers);
        answer
    }

    pub(super) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send("GET", path, headers, "").await
    }

    /// A browser's navigation.
    pub(super) async fn navigate(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.get(path, &[&NAVIGATION, headers].concat()).await
    }

    /// A form of a page of the same origin.
    pub(super) async fn post_form(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        fields: &[(&str, &str)],
    ) -> Answer {
        let headers = [&FORM, headers].concat();
        self.send("POST", path, &headers, form(fields)).await
    }

    /// Sends bytes that no library would send, as HTTP/1.1; what comes back.
    pub(super) async fn raw(&self, request: &str) -> String {
        let host = self.front.has_tls().then(|| self.front.host());
        let answer = raw_to(&self.proxy.address(), host, request.as_bytes()).await;
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Asks for a target, with header lines, exactly as they stand here; the status, 0 where there is no answer.
    /// The host is the app's unless a header names another.
    pub(super) async fn ask(&self, method: &str, target: &str, headers: &[(&str, &str)]) -> u16 {
        if self.front.protocol == Protocol::Http2 {
            return self.ask_in_frames(method, target, headers).await;
        }
        let mut request = format!("{method} {target} HTTP/1.1\r\n");
        let authority = self.authority();
        let has = |wanted: &str| {
            headers
                .iter()
                .any(|(name, _)| name.eq_ignore_ascii_case(wanted))
        };
        for (name, value) in [("Host", authority.as_str()), ("Connection", "close")] {
            if !has(name) {
                request.push_str(&format!("{name}: {value}\r\n"));
            }
        }
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        raw_status(self.raw(&format!("{request}\r\n")).await.as_bytes())
    }

    async fn ask_in_frames(&self, method: &str, target: &str, headers: &[(&str, &str)]) -> u16 {
        let authority = self.authority();
        let lower: Vec<_> = headers
            .iter()
            .map(|(name, value)| (name.to_lowercase(), *value))
            .collect();
        let host = lower.iter().find(|(name, _)| name == "host");
        let mut fields = vec![
            (":method", method),
            (":scheme", "https"),
            (
                ":authority",
                host.map_or(authority.as_str(), |(_, value)| value),
            ),
            (":path", target),
        ];
        let rest = lower.iter().filter(|(name, _)| name != "host");
        fields.extend(rest.map(|(name, value)| (name.as_str(), *value)));
        self.ask_in_fields(&fields, b"").await
    }

    /// Asks over HTTP/2 with these header fields and no others; the status, 0 where there is no answer.
    pub(super) async fn ask_in_fields(&self, fields: &[(&str, &str)], body: &[u8]) -> u16 {
        frames::status(&self.proxy.address(), self.front.host(), fields, body).await
    }

    /// Registers by the form, through the proxy; the cookie, as a browser sends it back.
    pub(super) async fn register(&self, email: &str) -> String {
        self.register_at("/register", email).await
    }

    /// As [`Site::register`], where the page is at another path.
    pub(super) async fn register_at(&self, path: &str, email: &str) -> String {
        let fields = [("email", email), ("password", PASSWORD)];
        let answer = self.post_form(path, &[], &fields).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        answer.cookie(self.front.cookie_name()).pair()
    }

    /// What a request that reached the app proves about its visitor.
    pub(super) fn identity(&self, request: &Recorded) -> Identity {
        let lines = request.identity_lines();
        let [(name, value)] = lines[..] else {
            panic!("one identity header: {lines:?}")
        };
        assert!(name.eq_ignore_ascii_case("x-userid"), "{name}");
        check(value, self.doorward.key_hex(), "shop", Binding::App).expect("signed by Doorward")
    }

    /// The subject that the app saw when this address was visited with this cookie.
    pub(super) async fn subject_at(&self, path: &str, cookie: &str) -> String {
        let answer = self.navigate(path, &[("cookie", cookie)]).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        self.identity(&self.app.take_only_request()).subject
    }

    pub(super) fn assert_app_was_not_asked(&self) {
        assert_eq!(self.app.take_requests(), [], "nothing may reach the app");
    }

    /// Waits until this address answers so.
    pub(super) async fn eventually(&self, what: &str, path: &str, cookie: &str, status: u16) {
        eventually(what, async || {
            let answer = self.navigate(path, &[("cookie", cookie)]).await;
            (answer.status == status).then_some(())
        })
        .await;
    }
}

pub(super) fn assert_denied_without_redirect(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{}", answer.body);
    assert_eq!(answer.location(), None);
    assert_eq!(answer.header_lines("set-cookie"), [] as [&str; 0]);
}
