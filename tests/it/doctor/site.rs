//! The example with nginx, wrong in some places, and what the doctor says of it.

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::support::doorward::{self, Doorward};
use crate::support::ports::free_port;
use crate::support::proxy::{Files, Kind, Proxy, with_replaced};
use crate::support::tls;
use crate::support::upstream::App;

/// A page of the app that everybody may see.
pub(crate) const PROBE: &str = "/news/doctor-probe";
/// The host of the site on https.
const PUBLIC: &str = "shop.example.com";

/// nginx, Doorward and the app.
pub(super) struct Clinic {
    pub(super) doorward: Doorward,
    /// As the doctor is asked about it.
    pub(super) url: String,
    proxy: Proxy,
    _app: App,
    certificate: Option<tempfile::NamedTempFile>,
    /// Where plain HTTP is, if there is https.
    plain: u16,
}

impl Clinic {
    /// The example with these texts of `doorward.conf` replaced.
    pub(super) async fn with(wrong: &[(&str, &str)]) -> Self {
        Self::with_toml(&[], wrong).await
    }

    /// The same, with texts of `doorward.toml` replaced.
    pub(super) async fn with_toml(toml: &[(&str, &str)], wrong: &[(&str, &str)]) -> Self {
        let doorward = with_replaced(&example("doorward.toml"), toml);
        let (doorward, app) = start(&doorward).await;
        let proxy = Proxy::start(Kind::Nginx, async |_, port| {
            let addresses = [
                ("127.0.0.1:3000", app.address()),
                ("127.0.0.1:8080", address(doorward.public())),
                ("127.0.0.1:8081", address(doorward.internal())),
                ("127.0.0.1:8000", format!("127.0.0.1:{port}")),
            ];
            let text = example("doorward.conf");
            let text = with_replaced(&text, &replaced(wrong, port));
            let addresses = addresses.each_ref().map(|(from, to)| (*from, to.as_str()));
            files(example("nginx.conf"), with_replaced(&text, &addresses))
        })
        .await;
        let url = format!("http://localhost:{}", proxy.port());
        Self {
            doorward,
            url,
            proxy,
            _app: app,
            certificate: None,
            plain: 0,
        }
    }

    /// A site on https as `doorward proxy-config nginx` writes it, plain HTTP included.
    pub(super) async fn over_tls(hosts: &str, wrong: &[(&str, &str)]) -> Self {
        let hosts = format!("hosts = [\"{hosts}\"]");
        let toml = [("hosts = [\"localhost\", \"127.0.0.1\"]", hosts.as_str())];
        let (doorward, app) = start(&with_replaced(&example("doorward.toml"), &toml)).await;
        let plain = free_port();
        let proxy = Proxy::start(Kind::Nginx, async |folder, port| {
            let text = printed(&doorward, &app, folder, port).await;
            let text = format!("{text}{}", to_https(plain, port));
            let text = with_replaced(&text, &replaced(wrong, port));
            let mut files = files(example("nginx.conf"), text);
            files.push(("certificate.pem".to_owned(), tls::certificate()));
            files.push(("certificate.pem.key".to_owned(), tls::certificate_key()));
            files
        })
        .await;
        let certificate = tempfile::NamedTempFile::new().expect("folder");
        fs::write(certificate.path(), tls::certificate()).expect("own file");
        Self {
            doorward,
            url: format!("https://{PUBLIC}:{}", proxy.port()),
            proxy,
            _app: app,
            certificate: Some(certificate),
            plain,
        }
    }

    /// What the doctor says, with the configuration of Doorward.
    pub(super) async fn diagnose(&self, more: &[&str]) -> Told {
        let output = self.doorward.command(&self.words(more, true)).await;
        Told::new(output)
    }

    /// What the doctor says to people.
    pub(super) async fn diagnose_in_words(&self, more: &[&str]) -> Output {
        self.doorward.command(&self.words(more, false)).await
    }

    /// What the doctor says, with this configuration; without any where it is empty.
    pub(super) async fn diagnose_without_configuration(&self, more: &[&str], toml: &str) -> Told {
        let toml = Some(toml).filter(|toml| !toml.is_empty());
        let words = self.words(more, true);
        Told::new(doorward::run(toml, &words).await)
    }

    fn words<'w>(&'w self, more: &[&'w str], json: bool) -> Vec<&'w str> {
        let mut words = vec!["doctor", self.url.as_str()];
        if json {
            words.push("--json");
        }
        words.extend(more);
        words
    }

    /// How the site on https is found: not by its name.
    pub(super) fn found(&self) -> Vec<String> {
        let certificate = self.certificate.as_ref().expect("a site on https");
        vec![
            "--connect-to".to_owned(),
            self.proxy.address(),
            "--connect-to-http".to_owned(),
            format!("127.0.0.1:{}", self.plain),
            "--ca".to_owned(),
            certificate.path().display().to_string(),
        ]
    }

    /// As [`Clinic::diagnose`], for the site on https.
    pub(super) async fn diagnose_over_tls(&self, more: &[&str]) -> Told {
        let found = self.found();
        let found = found.iter().map(String::as_str);
        let words: Vec<_> = more.iter().copied().chain(found).collect();
        self.diagnose(&words).await
    }
}

/// What was said as JSON.
#[derive(Debug)]
pub(crate) struct Told {
    code: Option<i32>,
    error: String,
    report: Value,
}

impl Told {
    pub(crate) fn new(output: Output) -> Self {
        let error = String::from_utf8(output.stderr).expect("text");
        let report = serde_json::from_slice(&output.stdout);
        let report = report.unwrap_or_else(|problem| panic!("no JSON: {problem}\n{error}"));
        Self {
            code: output.status.code(),
            error,
            report,
        }
    }

    fn checks(&self, result: &str) -> Vec<&Value> {
        let checks = self.report["checks"].as_array().expect("checks");
        checks
            .iter()
            .filter(|check| check["result"] == result)
            .collect()
    }

    fn ids(&self, result: &str) -> Vec<&str> {
        let checks = self.checks(result);
        let mut ids: Vec<_> = checks
            .iter()
            .map(|check| check["id"].as_str().expect("an id"))
            .collect();
        ids.sort_unstable();
        ids
    }

    pub(crate) fn not_checked(&self) -> Vec<&str> {
        self.ids("not_checked")
    }

    pub(crate) fn fact(&self, name: &str) -> &str {
        self.report["facts"][name].as_str().expect("a fact")
    }

    #[track_caller]
    pub(crate) fn assert_nothing_wrong(&self) {
        assert_eq!(self.ids("wrong"), [] as [&str; 0], "{:#}", self.report);
        assert_eq!((self.code, self.error.as_str()), (Some(0), ""));
    }

    /// Everything was looked at and is in order, but for an outage and what can't be seen from the same machine.
    #[track_caller]
    pub(crate) fn assert_well(&self) {
        self.assert_nothing_wrong();
        assert_eq!(
            self.not_checked(),
            ["internal-port", "outage"],
            "{:#}",
            self.report
        );
    }

    /// These are wrong and nothing else is.
    #[track_caller]
    pub(crate) fn assert_wrong(&self, ids: &[&str]) {
        assert_eq!(self.ids("wrong"), ids, "{:#}", self.report);
        let checks = if ids.len() == 1 {
            "1 check"
        } else {
            "2 checks"
        };
        let error = format!("doorward: {checks} found something wrong\n");
        assert_eq!((self.code, &self.error), (Some(1), &error));
    }

    /// This alone is wrong, and this line of nginx mends it.
    #[track_caller]
    pub(crate) fn assert_only(&self, id: &str, line: &str) {
        self.assert_wrong(&[id]);
        assert_eq!(self.fact("proxy"), "nginx");
        let mend = &self.finding()["mend"];
        let quotes = mend["lines"].as_array().expect("lines");
        let [quote] = quotes.as_slice() else {
            panic!("lines of nginx alone: {mend:#}");
        };
        assert_eq!(quote["proxy"], "nginx");
        let lines = quote["lines"].as_array().expect("lines");
        assert!(lines.iter().any(|other| other == line), "{line}: {mend:#}");
    }

    /// The first finding.
    pub(crate) fn finding(&self) -> &Value {
        self.checks("wrong").first().expect("a finding")
    }
}

/// A file of the example.
fn example(file: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/nginx");
    fs::read_to_string(folder.join(file)).expect("the example")
}

async fn start(toml: &str) -> (Doorward, App) {
    let toml = with_replaced(toml, &[("keys_file = \"shop.keys\"\n", "")]);
    (Doorward::builder().toml(&toml).start().await, App::start())
}

fn address(url: &str) -> String {
    url.strip_prefix("http://").expect("http").to_owned()
}

fn files(nginx: String, doorward: String) -> Files {
    vec![
        ("nginx.conf".to_owned(), nginx),
        ("doorward.conf".to_owned(), doorward),
    ]
}

/// `PORT` in what is written instead is the port of nginx.
fn replaced<'w>(wrong: &[(&'w str, &str)], port: u16) -> Vec<(&'w str, &'static str)> {
    let port = port.to_string();
    wrong
        .iter()
        .map(|(from, to)| (*from, &*to.replace("PORT", &port).leak()))
        .collect()
}

/// What `doorward proxy-config nginx` prints for the site on https, whatever Doorward itself takes it for.
async fn printed(doorward: &Doorward, app: &App, folder: &Path, port: u16) -> String {
    let path = |name: &str| folder.join(name).display().to_string();
    let (certificate, key) = (path("certificate.pem"), path("certificate.pem.key"));
    let toml = format!(
        "[server]\nlisten = \"{}\"\ninternal_listen = \"{}\"\n\
         [apps.shop]\nhosts = [\"{PUBLIC}\"]\nkeys = [\"{}\"]\n",
        address(doorward.public()),
        address(doorward.internal()),
        doorward.key_hex(),
    );
    let (app, listen) = (app.address(), format!("127.0.0.1:{port}"));
    let words = [
        &[
            "proxy-config",
            "nginx",
            "--upstream",
            &app,
            "--listen",
            &listen,
        ][..],
        &["--certificate", &certificate, "--certificate-key", &key],
    ];
    let output = doorward::run(Some(&toml), &words.concat()).await;
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    String::from_utf8(output.stdout).expect("text")
}

/// Plain HTTP on a port of the test, as on port 80.
fn to_https(plain: u16, port: u16) -> String {
    format!(
        "\nserver {{\n    listen 127.0.0.1:{plain};\n    server_name {PUBLIC};\n    \
         return 308 https://$host:{port}$request_uri;\n}}\n"
    )
}
