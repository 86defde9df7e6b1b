//! Two apps behind a proxy, with one sign-in on a host of its own.

use std::sync::Mutex;

use crate::proxies::configuration;
use crate::support::doorward::{Doorward, random_hex};
use crate::support::http::{Answer, FORM, NAVIGATION, Version, form, send_in, wait_for};
use crate::support::identity::{Binding, Identity, check};
use crate::support::proxy::{Kind, Proxy, with_replaced};
use crate::support::upstream::{App, Recorded};
use crate::visitor::PASSWORD;

const EXAMPLE: &str = include_str!("../../../../examples/nginx/shared-login/doorward.toml");

/// Two apps that share nothing.
const APART: &str = r#"
[apps.shop]
hosts = ["shop.example.com"]
keys_file = "shop.keys"

[apps.blog]
hosts = ["blog.example.com"]
keys_file = "blog.keys"
rules = [{ path = "/", access = "public" }]
"#;

/// A proxy with two apps behind it.
pub(in crate::proxies) struct Family {
    pub(in crate::proxies) proxy: Proxy,
    pub(in crate::proxies) doorward: Doorward,
    pub(in crate::proxies) shop: Member,
    pub(in crate::proxies) blog: Member,
}

/// One of them.
pub(in crate::proxies) struct Member {
    pub(in crate::proxies) id: &'static str,
    pub(in crate::proxies) app: App,
    pub(in crate::proxies) key_hex: String,
}

impl Member {
    pub(in crate::proxies) fn start(id: &'static str) -> Self {
        Self {
            id,
            app: App::start(),
            key_hex: random_hex(),
        }
    }

    pub(in crate::proxies) fn identity(&self, request: &Recorded) -> Identity {
        let lines = request.identity_lines();
        let [(_, value)] = lines[..] else {
            panic!("one identity header: {lines:?}")
        };
        check(value, &self.key_hex, self.id, Binding::App).expect("signed for this app")
    }
}

impl Family {
    /// With one sign-in.
    pub(in crate::proxies) async fn start(kind: Kind) -> Self {
        Self::start_with(kind, EXAMPLE, "login").await
    }

    /// Each with pages, people and sessions of its own.
    pub(in crate::proxies) async fn apart(kind: Kind) -> Self {
        Self::start_with(kind, APART, "blog").await
    }

    /// `front` is a host that has the pages.
    async fn start_with(kind: Kind, config: &str, front: &str) -> Self {
        let (shop, blog) = (Member::start("shop"), Member::start("blog"));
        let started = Mutex::new(None);
        let proxy = Proxy::start(kind, async |folder, port| {
            // A return address is an exact entry, so the hosts need the port.
            let doorward = Doorward::builder()
                .toml(&toml(config, port, &shop, &blog))
                .start()
                .await;
            let upstreams =
                [&shop, &blog].map(|member| format!("{}={}", member.id, member.app.address()));
            let upstreams = upstreams.each_ref().map(String::as_str);
            let files = configuration::printed(kind, &doorward, &upstreams, (folder, port)).await;
            *started.lock().expect("no panic inside") = Some(doorward);
            files
        })
        .await;
        let doorward = started
            .into_inner()
            .expect("no panic inside")
            .expect("started");
        let family = Self {
            proxy,
            doorward,
            shop,
            blog,
        };
        let url = format!("{}/login", family.origin(front));
        wait_for(Version::Http2, &url, || family.proxy.log()).await;
        family
    }

    /// `https://shop.example.com:port`
    pub(in crate::proxies) fn origin(&self, host: &str) -> String {
        format!("https://{host}.example.com:{}", self.proxy.port())
    }

    pub(in crate::proxies) async fn get(
        &self,
        host: &str,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Answer {
        let url = format!("{}{path}", self.origin(host));
        send_in(Version::Http2, "GET", &url, headers, "").await
    }

    pub(in crate::proxies) async fn navigate(
        &self,
        host: &str,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Answer {
        self.get(host, path, &[&NAVIGATION, headers].concat()).await
    }

    pub(in crate::proxies) async fn post(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        fields: &[(&str, &str)],
    ) -> Answer {
        self.post_at("login", path, headers, fields).await
    }

    pub(in crate::proxies) async fn post_at(
        &self,
        host: &str,
        path: &str,
        headers: &[(&str, &str)],
        fields: &[(&str, &str)],
    ) -> Answer {
        let url = format!("{}{path}", self.origin(host));
        let headers = [&FORM, headers].concat();
        send_in(Version::Http1, "POST", &url, &headers, form(fields)).await
    }

    /// Registers at the sign-in host; the cookie and where it leads.
    pub(in crate::proxies) async fn register(&self, email: &str, back: &str) -> (String, String) {
        let fields = [("email", email), ("password", PASSWORD), ("rd", back)];
        let answer = self.post("/register", &[], &fields).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        let cookie = answer.cookie("__Secure-SESSION");
        assert_eq!(cookie.attribute("domain"), Some("example.com"));
        (
            cookie.pair(),
            answer.location().expect("a way back").to_owned(),
        )
    }

    /// Whom the app at this host saw.
    pub(in crate::proxies) async fn subject(
        &self,
        member: &Member,
        path: &str,
        cookie: &str,
    ) -> String {
        let page = self.navigate(member.id, path, &[("cookie", cookie)]).await;
        assert_eq!(page.status, 200, "{}: {}", member.id, page.body);
        member.identity(&member.app.take_only_request()).subject
    }

    pub(in crate::proxies) fn assert_no_app_was_asked(&self) {
        for member in [&self.shop, &self.blog] {
            assert_eq!(member.app.take_requests(), [], "{}", member.id);
        }
    }
}

/// The example's configuration for hosts on this port, with the keys of the test.
fn toml(config: &str, port: u16, shop: &Member, blog: &Member) -> String {
    let key = |member: &Member| format!("keys = [\"{}\"]", member.key_hex);
    let host = |name: &str| format!("\"{name}.example.com:{port}\"");
    let text = with_replaced(
        config,
        &[
            ("keys_file = \"shop.keys\"", &key(shop)),
            ("keys_file = \"blog.keys\"", &key(blog)),
            ("\"shop.example.com\"", &host("shop")),
            ("\"blog.example.com\"", &host("blog")),
        ],
    );
    text.replace("\"login.example.com\"", &host("login"))
}
