//! The way there and back in a real browser, with and without scripts.

use std::time::Duration;

use serde_json::json;
use thirtyfour::{By, WebElement};

use super::super::support::chromium::{Chromium, ColourScheme};
use super::super::support::ports::free_port;
use super::super::support::process::eventually;
use super::super::support::provider::{Provider, client};
use super::super::visitor::PASSWORD;
use super::Doorward;

struct World {
    browser: Chromium,
    provider: Provider,
    _doorward: Doorward,
    base: String,
}

impl World {
    async fn start(more: &str) -> Self {
        let port = free_port();
        let base = format!("http://localhost:{port}");
        let own = base.clone();
        let provider = Provider::start_with(move |issuer| {
            let mut client = client("doorward", &[format!("{own}/login/id/callback")]);
            client["post_logout_redirect_uris"] = json!([format!("{own}/logout/id/callback")]);
            json!({ "issuer": issuer, "clients": [client] })
        })
        .await;
        let section = provider.section("id", &format!("name = \"Town ID\"\n{more}"));
        let toml = format!("[apps.app]\nhosts = [\"localhost\"]\n{section}");
        let doorward = Doorward::builder()
            .toml(&toml)
            .public_port(port)
            .start()
            .await;
        Self {
            browser: Chromium::start().await,
            provider,
            _doorward: doorward,
            base,
        }
    }

    async fn open(&self, path: &str) {
        self.browser
            .goto(&format!("{}{path}", self.base))
            .await
            .expect("a page");
    }

    async fn find(&self, by: By) -> WebElement {
        let shown = format!("{by:?}");
        eventually(&shown, async || self.browser.find(by.clone()).await.ok()).await
    }

    async fn click(&self, by: By) {
        self.find(by).await.click().await.expect("a click");
    }

    /// Waits until a page with this heading is shown.
    async fn heading(&self, words: &str) {
        eventually(words, async || {
            let heading = self.browser.find(By::Css("h1")).await.ok()?;
            (heading.text().await.ok()? == words).then_some(())
        })
        .await;
    }

    async fn text(&self) -> String {
        self.find(By::Css("main")).await.text().await.expect("text")
    }

    /// From a link to the provider to its answer, as somebody by this name.
    async fn at_provider(&self, login: &str, answer: &str) {
        self.heading("Sign in").await;
        self.find(By::Name("login"))
            .await
            .send_keys(login)
            .await
            .expect("a field");
        self.button("Continue").await;
        self.heading("Consent").await;
        self.button(answer).await;
    }

    async fn button(&self, words: &str) {
        self.click(By::XPath(format!("//button[normalize-space()='{words}']")))
            .await;
    }

    async fn follow(&self, words: &str) {
        self.click(By::LinkText(words)).await;
    }

    async fn pictures(&self, name: &str) {
        for (scheme, shade) in [(ColourScheme::Light, "light"), (ColourScheme::Dark, "dark")] {
            self.browser.set_colour_scheme(scheme).await;
            for (width, shape) in [(360, "narrow"), (1280, "wide")] {
                self.browser.set_size(width, 900).await;
                self.browser
                    .screenshot(&format!("providers-{name}-{shape}-{shade}"))
                    .await;
            }
        }
        self.browser.set_colour_scheme(ColourScheme::Light).await;
    }
}

#[tokio::test]
async fn somebody_comes_in_cancels_and_signs_out_everywhere() {
    let world = World::start("sign_out = true").await;
    world.browser.set_scripts(false).await;
    world.open("/login?rd=%2Faccount").await;
    world.pictures("sign-in").await;
    world.follow("Sign in with Town ID").await;
    world.at_provider("ann", "Cancel").await;
    world.heading("Sign in").await;
    assert!(
        world.text().await.contains("You did not finish at Town ID"),
        "{}",
        world.text().await
    );
    world.pictures("cancelled").await;

    world.follow("Sign in with Town ID").await;
    // Its session there has the name already.
    world.heading("Consent").await;
    world.button("Allow").await;
    world.heading("You are signed in").await;
    assert!(
        world.text().await.contains("ann@example.com"),
        "{}",
        world.text().await
    );
    world.pictures("account").await;

    world.button("Sign out").await;
    // The page leads on by itself, without a script.
    world.heading("Sign out").await;
    let there = world.browser.current_url().await.expect("a page");
    assert!(
        there.as_str().starts_with(&world.provider.issuer()),
        "{there}"
    );
    world.button("Sign out").await;
    world.heading("You are signed out").await;
    assert!(
        world
            .browser
            .current_url()
            .await
            .expect("a page")
            .as_str()
            .starts_with(&world.base)
    );
}

#[tokio::test]
async fn an_account_gets_a_second_way_in_and_loses_it_again() {
    let world = World::start("trust_email = true").await;
    world.open("/register").await;
    world
        .find(By::Id("email"))
        .await
        .send_keys("ann@example.com")
        .await
        .expect("a field");
    world
        .find(By::Id("password"))
        .await
        .send_keys(PASSWORD)
        .await
        .expect("a field");
    world.button("Create account").await;
    world.open("/logout").await;
    world.button("Sign out").await;

    // The address is verified, and an account has it.
    world.open("/login?rd=%2Faccount").await;
    world.follow("Sign in with Town ID").await;
    world.at_provider("ann", "Allow").await;
    world.heading("Sign in").await;
    assert!(
        world
            .text()
            .await
            .contains("Town ID says that you are ann@example.com"),
        "{}",
        world.text().await
    );
    world.pictures("claim").await;
    world
        .find(By::Id("password"))
        .await
        .send_keys(PASSWORD)
        .await
        .expect("a field");
    world.button("Sign in").await;
    world.heading("You are signed in").await;
    assert!(
        world.text().await.contains("Town ID"),
        "{}",
        world.text().await
    );
    world.button("Remove").await;
    world.heading("You are signed in").await;
    tokio::time::timeout(Duration::from_secs(30), async {
        while world.text().await.contains("since") {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    })
    .await
    .expect("the way is gone");
    world.follow("Add Town ID").await;
    world.heading("You are signed in").await;
    assert!(
        world.text().await.contains("since"),
        "{}",
        world.text().await
    );
}

#[tokio::test]
async fn an_error_at_the_provider_is_a_page_with_a_way_on() {
    let world = World::start("").await;
    world.open("/login?rd=%2Faccount").await;
    world
        .provider
        .control("fail", json!({ "path": "/token", "how": "500" }))
        .await;
    world.follow("Sign in with Town ID").await;
    world.at_provider("ann", "Allow").await;
    world.heading("Sign in").await;
    assert!(
        world
            .text()
            .await
            .contains("Town ID does not answer right now"),
        "{}",
        world.text().await
    );
    world.pictures("unavailable").await;
    world.follow("Sign in with Town ID").await;
    world.heading("You are signed in").await;
}
