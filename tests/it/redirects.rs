//! Open redirects (THREATS 23): whatever `rd` says, nobody leaves the app.
//!
//! Every answer is resolved as a browser resolves it, by a URL parser that shares nothing with Doorward's own.

mod payloads;

use futures_util::{StreamExt as _, stream};
use reqwest::Url;
use serde_json::{Value, json};

use super::support::doorward::Doorward;
use super::support::http::{get, post_form, post_json};
use super::visitor::{PASSWORD, SHARED_TOML, SHOP, register};

/// The host-only shape, with the entries that the corpus is written for.
const OWN_TOML: &str = r#"
    [apps.shop]
    hosts = ["shop.example.com", "www.example.com:8443", "http://plain.example.com", "localhost:3000"]
"#;
const OWN_ORIGINS: [&str; 4] = [
    "https://shop.example.com",
    "https://www.example.com:8443",
    "http://plain.example.com",
    "http://localhost:3000",
];
const EMAIL: &str = "ann@example.com";

/// Where the visitor is, and where they may be led.
struct Site<'s> {
    doorward: &'s Doorward,
    host: (&'static str, &'static str),
    page: Url,
    origins: &'s [&'s str],
}

impl Site<'_> {
    /// Fails the test if a browser on the page would leave the app, or might after one more decoding somewhere.
    fn check(&self, payload: &str, target: &str) {
        let plain = target.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
        assert!(
            plain && !target.starts_with("//"),
            "{payload:?} became {target:?}"
        );
        let url = self
            .page
            .join(target)
            .unwrap_or_else(|_| panic!("{payload:?}: no URL {target:?}"));
        let origin = url.origin().ascii_serialization();
        assert!(
            self.origins.contains(&origin.as_str()),
            "{payload:?} leads to {url}"
        );
        assert!(
            url.username().is_empty() && url.password().is_none(),
            "{payload:?}: {url}"
        );
        let mut path = url.path().to_owned();
        for _ in 0..3 {
            assert!(
                !path.starts_with("//") && !path.starts_with("/\\"),
                "{payload:?}: {path}"
            );
            path = percent_encoding::percent_decode_str(&path)
                .decode_utf8_lossy()
                .into_owned();
        }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.doorward.public())
    }

    async fn login_page(&self, cookie: &str, payload: &str) {
        let query: String = form_urlencoded::byte_serialize(payload.as_bytes()).collect();
        for page in ["/login", "/register"] {
            let url = self.url(&format!("{page}?rd={query}"));
            let answer = get(&url, &[self.host, ("cookie", cookie)]).await;
            assert_eq!(answer.status, 303, "{page} {payload:?}");
            self.check(payload, answer.location().expect("a redirect"));
        }
    }

    async fn logout(&self, payload: &str) {
        let url = self.url("/logout");
        let answer = post_form(&url, &[self.host], &[("rd", payload)]).await;
        assert_eq!(answer.status, 303, "{payload:?}");
        self.check(payload, answer.location().expect("a redirect"));
        let answer = post_json(&url, &[self.host], &json!({ "rd": payload })).await;
        self.check(payload, return_to(&answer.json()));
        let query: String = form_urlencoded::byte_serialize(payload.as_bytes()).collect();
        let answer = post_form(&format!("{url}?rd={query}"), &[self.host], &[]).await;
        self.check(payload, answer.location().expect("a redirect"));
    }

    async fn login(&self, payload: &str) {
        let fields = [("email", EMAIL), ("password", PASSWORD), ("rd", payload)];
        let answer = post_form(&self.url("/login"), &[self.host], &fields).await;
        assert_eq!(answer.status, 303, "{payload:?}");
        self.check(payload, answer.location().expect("a redirect"));
        let body = json!({ "email": EMAIL, "password": PASSWORD, "rd": payload });
        let answer = post_json(&self.url("/login"), &[self.host], &body).await;
        assert_eq!(answer.status, 200, "{payload:?}");
        self.check(payload, return_to(&answer.json()));
    }

    async fn register(&self, number: usize, payload: &str) {
        let [by_form, by_json] = ["form", "json"].map(|kind| format!("{kind}{number}@example.com"));
        let fields = [
            ("email", by_form.as_str()),
            ("password", PASSWORD),
            ("rd", payload),
        ];
        let answer = post_form(&self.url("/register"), &[self.host], &fields).await;
        assert_eq!(answer.status, 303, "{payload:?}");
        self.check(payload, answer.location().expect("a redirect"));
        let body = json!({ "email": by_json, "password": PASSWORD, "rd": payload });
        let answer = post_json(&self.url("/register"), &[self.host], &body).await;
        assert_eq!(answer.status, 201, "{payload:?}");
        self.check(payload, return_to(&answer.json()));
    }
}

fn return_to(body: &Value) -> &str {
    body["return_to"].as_str().expect("text")
}

/// Every `count`th or so, spread over all families, beginning with the first.
fn sample(payloads: &[String], count: usize) -> impl Iterator<Item = &String> {
    payloads.iter().step_by(payloads.len().div_ceil(count))
}

/// Asks with several payloads at once.
async fn each<'p, F: Future<Output = ()>>(
    payloads: impl Iterator<Item = &'p String>,
    ask: impl Fn(usize, &'p str) -> F,
) {
    let asked = payloads
        .enumerate()
        .map(|(number, payload)| ask(number, payload));
    stream::iter(asked)
        .buffer_unordered(8)
        .collect::<Vec<()>>()
        .await;
}

#[tokio::test]
async fn threat_23_no_payload_leads_away_from_the_app() {
    let doorward = Doorward::builder().toml(OWN_TOML).start().await;
    let cookie = register(&doorward, &[SHOP], EMAIL)
        .await
        .cookie("__Host-SESSION")
        .pair();
    let page = Url::parse("https://shop.example.com/login").expect("a URL");
    let site = Site {
        doorward: &doorward,
        host: SHOP,
        page,
        origins: &OWN_ORIGINS,
    };
    let all = payloads::all();
    assert!(all.len() > 1500, "{}", all.len());
    each(all.iter(), |_, payload| site.login_page(&cookie, payload)).await;
    each(all.iter(), |_, payload| site.logout(payload)).await;
    each(sample(&all, 200), |_, payload| site.login(payload)).await;
    each(sample(&all, 100), |number, payload| {
        site.register(number, payload)
    })
    .await;
}

#[tokio::test]
async fn threat_23_no_payload_leads_away_from_the_pool() {
    let doorward = Doorward::builder().toml(SHARED_TOML).start().await;
    let host = ("host", "login.example.com");
    let cookie = register(&doorward, &[host], EMAIL)
        .await
        .cookie("__Secure-SESSION")
        .pair();
    let page = Url::parse("https://login.example.com/login").expect("a URL");
    let origins = [
        "https://login.example.com",
        "https://shop.example.com",
        "https://blog.example.com",
    ];
    let site = Site {
        doorward: &doorward,
        host,
        page,
        origins: &origins,
    };
    let all = payloads::all();
    each(sample(&all, 400), |_, payload| {
        site.login_page(&cookie, payload)
    })
    .await;
    each(sample(&all, 400), |_, payload| site.logout(payload)).await;
    each(sample(&all, 50), |_, payload| site.login(payload)).await;
}

#[tokio::test]
async fn honest_addresses_are_kept_to_the_letter() {
    let doorward = Doorward::builder().toml(OWN_TOML).start().await;
    let cookie = register(&doorward, &[SHOP], EMAIL)
        .await
        .cookie("__Host-SESSION")
        .pair();
    for (rd, location) in [
        ("/", "/"),
        ("/a/b?c=d&e=%20f#g", "/a/b?c=d&e=%20f#g"),
        (
            "/search?next=https://evil.example/",
            "/search?next=https://evil.example/",
        ),
        ("https://shop.example.com/x?y#z", "/x?y#z"),
        ("https://shop.example.com", "/"),
        (
            "https://www.example.com:8443/x",
            "https://www.example.com:8443/x",
        ),
        ("http://plain.example.com/x", "http://plain.example.com/x"),
        ("http://localhost:3000/", "http://localhost:3000/"),
    ] {
        let query: String = form_urlencoded::byte_serialize(rd.as_bytes()).collect();
        let url = format!("{}/login?rd={query}", doorward.public());
        let answer = get(&url, &[SHOP, ("cookie", &cookie)]).await;
        assert_eq!(answer.location(), Some(location), "{rd}");
    }
}

#[tokio::test]
async fn threat_23_another_port_of_the_same_host_belongs_to_somebody_else() {
    let doorward = Doorward::builder().start().await;
    let cookie = super::visitor::registered(&doorward, EMAIL).await;
    let own = doorward.public();
    let port: u16 = own
        .rsplit(':')
        .next()
        .and_then(|port| port.parse().ok())
        .expect("a port");
    let other = port ^ 1;
    for (rd, location) in [
        (format!("{own}/x"), "/x"),
        (format!("http://127.0.0.1:{other}/x"), "/account"),
        (format!("http://localhost:{other}/x"), "/account"),
        (format!("https://127.0.0.1:{port}/x"), "/account"),
    ] {
        let answer = get(&format!("{own}/login?rd={rd}"), &[("cookie", &cookie)]).await;
        assert_eq!(answer.location(), Some(location), "{rd}");
    }
}
