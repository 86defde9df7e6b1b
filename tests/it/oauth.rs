//! `/login/{provider}` and its callback: sign-in at providers, with a real one.

mod accounts;
mod browser;
mod flow;
mod kinds;
mod many;
mod nodes;
mod outages;
mod plain;
mod sign_out;
mod state;
mod tokens;
mod ways;

use super::support::doorward::{Builder, Doorward};
use super::support::http::{Answer, Jar, get, navigate, post_form};
use super::support::provider::{Provider, urlencoded};
use super::visitor::{PASSWORD, SHOP_TOML};

/// Where visitors find the app of these tests.
const SHOP: &str = "https://shop.example.com";

/// A browser at the app of these tests.
struct Browser {
    public: String,
    host: String,
    jar: Jar,
}

impl Browser {
    /// At a host of this Doorward.
    fn at(doorward: &Doorward, host: &str) -> Self {
        Self {
            public: doorward.public().to_owned(),
            host: host.to_owned(),
            jar: Jar::default(),
        }
    }

    /// The same browser's address of something at its host: a path, or what visitors call it.
    fn url(&self, to: &str) -> String {
        let own = format!("https://{}", self.host);
        format!("{}{}", self.public, to.strip_prefix(&own).unwrap_or(to))
    }

    /// Opens a path, or an absolute address of the same host.
    async fn open(&mut self, to: &str) -> Answer {
        let cookies = self.jar.line();
        let headers = [("host", self.host.as_str()), ("cookie", &cookies)];
        let answer = navigate(&self.url(to), &headers).await;
        self.jar.keep(&answer);
        answer
    }

    async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let cookies = self.jar.line();
        let headers = [("host", self.host.as_str()), ("cookie", &cookies)];
        let answer = post_form(&self.url(path), &headers, fields).await;
        self.jar.keep(&answer);
        answer
    }

    /// Begins a sign-in: the address at the provider.
    async fn begin(&mut self, path: &str) -> String {
        let answer = self.open(path).await;
        assert_eq!(answer.status, 303, "{path}: {}", answer.body);
        answer.location().expect("the provider").to_owned()
    }

    /// A whole sign-in as this person at the provider: what the callback answers.
    async fn sign_in(&mut self, provider: &Provider, path: &str, login: &str) -> Answer {
        let there = self.begin(path).await;
        let back = provider.walk(&there, login).await;
        self.open(&back).await
    }

    /// Registers with the usual password.
    async fn register(&mut self, email: &str) -> String {
        let fields = [("email", email), ("password", PASSWORD)];
        let answer = self.submit("/register", &fields).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        self.user().await.expect("signed in")
    }

    /// Who is signed in.
    async fn user(&self) -> Option<String> {
        let cookies = self.jar.line();
        let headers = [("host", self.host.as_str()), ("cookie", &cookies)];
        let answer = get(&self.url("/login/session"), &headers).await;
        answer.json()["user_id"].as_str().map(str::to_owned)
    }
}

/// Doorward with one provider, `id`.
struct World {
    doorward: Doorward,
    provider: Provider,
}

impl World {
    /// The address of the provider is not trusted unless `more` says so.
    async fn start(more: &str) -> Self {
        Self::start_with(more, "").await
    }

    /// With more keys of the provider's section, and more sections.
    async fn start_with(more: &str, sections: &str) -> Self {
        Self::build(more, sections, |builder| builder).await
    }

    async fn build(more: &str, sections: &str, how: impl Fn(Builder) -> Builder) -> Self {
        let provider = Provider::start(&[format!("{SHOP}/login/id/callback")]).await;
        let toml = format!("{SHOP_TOML}{}{sections}", provider.section("id", more));
        let doorward = how(Doorward::builder().toml(&toml)).start().await;
        Self { doorward, provider }
    }

    fn browser(&self) -> Browser {
        Browser::at(&self.doorward, "shop.example.com")
    }
}

/// What a page says, on one line.
fn words(answer: &Answer) -> String {
    let parts = answer
        .body
        .split('<')
        .map(|part| part.split_once('>').map_or(part, |(_, text)| text));
    let text = parts.collect::<String>();
    let text = text.replace("&#39;", "'").replace("&#34;", "\"");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The value of the first hidden field of this name.
fn hidden(answer: &Answer, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    let rest = answer.body.split(start.as_str()).nth(1);
    let rest = rest.unwrap_or_else(|| panic!("no field {name}: {}", answer.body));
    rest.split('"').next().unwrap_or_default().to_owned()
}

/// The first link that begins like this, as a browser reads it.
fn link(answer: &Answer, beginning: &str) -> String {
    let links = answer.body.split("href=\"").skip(1);
    let mut links = links.filter_map(|rest| rest.split('"').next());
    let found = links.find(|link| link.starts_with(beginning));
    let found = found.unwrap_or_else(|| panic!("no link {beginning}: {}", answer.body));
    found.replace("&#38;", "&").replace("&amp;", "&")
}

/// `/login/id?rd=` and this address.
fn begin_with(rd: &str) -> String {
    format!("/login/id?rd={}", urlencoded(rd))
}
