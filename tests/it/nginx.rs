//! `examples/nginx` with the real nginx: the file as it stands there, with the addresses of this test.

mod forged;
mod outage;
mod walk;

use super::support::doorward::{Db, Doorward};
use super::support::http::{Answer, navigate, post_form};
use super::support::identity::{Binding, Identity, check};
use super::support::nginx::{Nginx, with_replaced};
use super::support::upstream::{App, Recorded};
use super::visitor::PASSWORD;

const NGINX: &str = include_str!("../../examples/nginx/nginx.conf");
const DOORWARD: &str = include_str!("../../examples/nginx/doorward.toml");

/// The three of the example.
struct Site {
    nginx: Nginx,
    doorward: Doorward,
    app: App,
}

impl Site {
    async fn start() -> Self {
        Self::start_with(&doorward_toml(), Db::Sqlite).await
    }

    async fn start_with(config: &str, database: Db) -> Self {
        let doorward = Doorward::builder()
            .toml(config)
            .database(database)
            .start()
            .await;
        let app = App::start();
        let plain = |url: &str| url.strip_prefix("http://").expect("http").to_owned();
        let (public, internal) = (plain(doorward.public()), plain(doorward.internal()));
        let address = app.address();
        let nginx = Nginx::start(|port| {
            let own = format!("127.0.0.1:{port}");
            let addresses = [
                ("127.0.0.1:3000", address.as_str()),
                ("127.0.0.1:8080", &public),
                ("127.0.0.1:8081", &internal),
                ("127.0.0.1:8000", &own),
            ];
            with_replaced(NGINX, &addresses)
        })
        .await;
        Self {
            nginx,
            doorward,
            app,
        }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.nginx.url())
    }

    /// Registers by the form, through nginx; the cookie, as a browser sends it back.
    async fn register(&self, email: &str) -> String {
        let fields = [("email", email), ("password", PASSWORD)];
        let answer = post_form(&self.url("/register"), &[], &fields).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        answer.cookie("SESSION").pair()
    }

    /// What the only request that reached the app proves about its visitor.
    fn identity(&self, request: &Recorded) -> Identity {
        let lines = request.identity_lines();
        let [(name, value)] = lines[..] else {
            panic!("one identity header: {lines:?}")
        };
        assert!(name.eq_ignore_ascii_case("x-userid"), "{name}");
        check(value, self.doorward.key_hex(), "shop", Binding::App).expect("signed by Doorward")
    }

    /// The subject that the app saw when this address was visited with this cookie.
    async fn subject_at(&self, path: &str, cookie: &str) -> String {
        let answer = navigate(&self.url(path), &[("cookie", cookie)]).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        self.identity(&self.app.take_only_request()).subject
    }

    fn assert_app_was_not_asked(&self) {
        assert_eq!(self.app.take_requests(), [], "nothing may reach the app");
    }
}

/// The example's configuration; the key is the test's own.
fn doorward_toml() -> String {
    with_replaced(DOORWARD, &[("keys_file = \"shop.keys\"\n", "")])
}

fn assert_denied_without_redirect(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{}", answer.body);
    assert_eq!(answer.location(), None);
    assert_eq!(answer.header_lines("set-cookie"), [] as [&str; 0]);
}
