//! A real OpenID Connect provider: the certified oidc-provider, on a port of its own, with controls for tests
//! (tests/tools/provider).

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::http::{Answer, Jar, get, navigate, post_json};
use super::ports::on_free_ports;
use super::process::{Process, eventually};

/// What every client of these tests has for a secret.
pub(crate) const CLIENT_SECRET: &str = "a-secret-of-these-tests-alone";

/// A running provider.
pub(crate) struct Provider {
    process: Option<Process>,
    folder: TempDir,
    port: u16,
    /// Each start has a log of its own.
    starts: u32,
}

impl Provider {
    /// With one client, `doorward`, that may come back to any of these addresses.
    pub(crate) async fn start(redirect_uris: &[String]) -> Self {
        Self::start_with(
            |issuer| json!({ "issuer": issuer, "clients": [client("doorward", redirect_uris)] }),
        )
        .await
    }

    /// With a configuration that depends on its issuer.
    pub(crate) async fn start_with(config: impl Fn(&str) -> Value) -> Self {
        on_free_ports(async |[port]| Self::start_at(port, &config).await).await
    }

    async fn start_at(port: u16, config: &impl Fn(&str) -> Value) -> Result<Self, String> {
        let folder = tempfile::Builder::new()
            .prefix("doorward-provider-")
            .tempdir();
        let mut provider = Self {
            process: None,
            folder: folder.expect("folder"),
            port,
            starts: 0,
        };
        let mut config = config(&provider.issuer());
        config["port"] = port.into();
        config["seed"] = "a seed of these tests".into();
        std::fs::write(provider.config(), config.to_string()).expect("own folder");
        provider.run().await?;
        Ok(provider)
    }

    fn config(&self) -> PathBuf {
        self.folder.path().join("provider.json")
    }

    async fn run(&mut self) -> Result<(), String> {
        let tools = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("provider");
        let script =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tools/provider/provider.mjs");
        let mut command = Command::new(tools.join("node"));
        command
            .arg(script)
            .arg(self.config())
            .env("NODE_PATH", tools.join("node_modules"));
        let log = self.folder.path().join(format!("log-{}", self.starts));
        self.starts += 1;
        let mut process = Process::start(&command, "KILL", &log);
        let ready = eventually("the provider to be ready", async || {
            if process.ended().is_some() {
                return Some(false);
            }
            process.log().contains("ready http").then_some(true)
        })
        .await;
        if !ready {
            return Err(process.log().replace("EADDRINUSE", "in use"));
        }
        self.process = Some(process);
        Ok(())
    }

    /// Its issuer, and where its paths begin.
    pub(crate) fn issuer(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Dies.
    pub(crate) async fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.signal("KILL");
            process.wait().await;
        }
    }

    /// Starts again with the same configuration, and other keys.
    pub(crate) async fn start_again(&mut self) {
        self.run().await.unwrap_or_else(|log| panic!("{log}"));
    }

    /// The section of the configuration that makes it the provider `id`.
    pub(crate) fn section(&self, id: &str, more: &str) -> String {
        format!(
            "[providers.{id}]\nkind = \"oidc\"\nissuer = \"{}\"\nclient_id = \"doorward\"\n\
             client_secret = \"{CLIENT_SECRET}\"\n{more}\n",
            self.issuer()
        )
    }

    /// Tells it something.
    pub(crate) async fn control(&self, what: &str, body: Value) -> Value {
        let url = format!("{}/control/{what}", self.issuer());
        let answer = post_json(&url, &[], &body).await;
        assert_eq!(answer.status, 200, "{what}: {}", answer.body);
        answer.json()
    }

    /// Asks it something.
    pub(crate) async fn told(&self, what: &str) -> Value {
        get(&format!("{}/control/{what}", self.issuer()), &[])
            .await
            .json()
    }

    /// What its claims about somebody are from now on, beside the usual.
    pub(crate) async fn account(&self, login: &str, claims: Value) {
        self.control("account", json!({ "login": login, "claims": claims }))
            .await;
    }

    /// Walks from the address that a browser was sent to until the provider sends it back, as this person: the address of
    /// the callback.
    pub(crate) async fn walk(&self, start: &str, login: &str) -> String {
        let mut jar = Jar::default();
        jar.set("as", &urlencoded(login));
        self.walk_with(start, &mut jar).await
    }

    /// The same in a browser that may have been here before.
    pub(crate) async fn walk_with(&self, start: &str, jar: &mut Jar) -> String {
        let mut url = start.to_owned();
        for _ in 0..6 {
            let answer = navigate(&url, &[("cookie", &jar.line())]).await;
            jar.keep(&answer);
            let next = answer.location();
            let next = next.unwrap_or_else(|| panic!("{url}: {} {}", answer.status, answer.body));
            if !next.starts_with(&self.issuer()) {
                return next.to_owned();
            }
            url = next.to_owned();
        }
        panic!("the provider sends the browser round and round: {url}");
    }
}

/// A client of the provider.
pub(crate) fn client(id: &str, redirect_uris: &[String]) -> Value {
    json!({
        "client_id": id,
        "client_secret": CLIENT_SECRET,
        "redirect_uris": redirect_uris,
        "response_types": ["code"],
        "grant_types": ["authorization_code"],
    })
}

pub(crate) fn urlencoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// The parameters of an address.
pub(crate) fn parameter(address: &str, name: &str) -> Option<String> {
    let url = url::Url::parse(address).expect("an absolute address");
    let mut found = url.query_pairs().filter(|(known, _)| known == name);
    found.next().map(|(_, value)| value.into_owned())
}

/// The address with another value of a parameter, or without it.
pub(crate) fn with_parameter(address: &str, name: &str, value: Option<&str>) -> String {
    let mut url = url::Url::parse(address).expect("an absolute address");
    let others: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(known, _)| known != name)
        .map(|(known, value)| (known.into_owned(), value.into_owned()))
        .collect();
    url.query_pairs_mut().clear().extend_pairs(others);
    if let Some(value) = value {
        url.query_pairs_mut().append_pair(name, value);
    }
    url.into()
}

/// Whether an answer leads to the provider.
pub(crate) fn leads_to(answer: &Answer, provider: &Provider) -> bool {
    answer
        .location()
        .is_some_and(|to| to.starts_with(&provider.issuer()))
}
