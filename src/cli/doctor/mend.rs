//! What mends a finding: a line of the proxy's configuration, or of Doorward's.
//!
//! The lines are those of the examples, word for word: a test looks for each of them there.

mod caddy;
mod envoy;
mod haproxy;
mod nginx;
mod traefik;

use serde_json::{Value, json};

use super::report::labelled;
use crate::cli::proxy_config::Proxy;

/// What a line of a proxy's configuration is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// Doorward is asked about every request.
    Ask,
    /// What is asked comes from the proxy: method, scheme, host, path.
    Question,
    /// The answer of Doorward is what the visitor is given.
    Answer,
    /// A visitor who can be sent to sign in is; nobody else.
    SignIn,
    /// Where Doorward's internal listener is.
    Internal,
    /// Where Doorward's pages listener is.
    Pages,
    /// Which paths are Doorward's.
    Routes,
    /// Which host Doorward and the app are told.
    Host,
    /// The signed identity goes to the app, and nothing else by that name.
    Identity,
    /// Other spellings of the identity header do not pass.
    Aliases,
    /// What the client says in `Connection` does not count.
    Connection,
    /// `Forwarded` and `X-Forwarded-…` are the proxy's.
    Forwarded,
    /// No visitor can ask the verify endpoint.
    Closed,
    /// WebSockets pass.
    WebSockets,
    /// No other upgrade passes.
    Upgrades,
    /// What is not an answer of the app is not kept.
    NoStore,
    /// Browsers come by https from now on.
    Hsts,
    /// Plain HTTP leads to https.
    ToHttps,
}

#[cfg(test)]
const LINES: [Line; 18] = [
    Line::Ask,
    Line::Question,
    Line::Answer,
    Line::SignIn,
    Line::Internal,
    Line::Pages,
    Line::Routes,
    Line::Host,
    Line::Identity,
    Line::Aliases,
    Line::Connection,
    Line::Forwarded,
    Line::Closed,
    Line::WebSockets,
    Line::Upgrades,
    Line::NoStore,
    Line::Hsts,
    Line::ToHttps,
];

/// Every proxy with its name and its folder in `examples`.
const PROXIES: [(Proxy, &str); 5] = [
    (Proxy::Nginx, "nginx"),
    (Proxy::Traefik, "traefik"),
    (Proxy::Caddy, "caddy"),
    (Proxy::Haproxy, "haproxy"),
    (Proxy::Envoy, "envoy"),
];

/// The app of the examples.
const EXAMPLE_APP: &str = "shop";

/// Lines of an example.
#[derive(Debug, Clone, Copy)]
struct Quoted {
    /// Below `examples`.
    file: &'static str,
    lines: &'static [&'static str],
}

/// What to do.
#[derive(Debug, Default)]
pub(super) struct Mend {
    /// In words.
    words: String,
    /// A line for `doorward.toml`.
    configuration: Option<String>,
    line: Option<Line>,
    /// The proxy at hand; without it there is a line for each.
    proxy: Option<Proxy>,
    /// The app at hand.
    app: Option<String>,
}

impl Mend {
    /// What to do, in a sentence.
    pub(super) fn by(words: impl Into<String>) -> Self {
        Self {
            words: words.into(),
            ..Self::default()
        }
    }

    /// With the lines of the proxy.
    pub(super) fn line(mut self, line: Line) -> Self {
        self.line = Some(line);
        self
    }

    /// With a line of `doorward.toml`.
    pub(super) fn configuration(mut self, line: impl Into<String>) -> Self {
        self.configuration = Some(line.into());
        self
    }

    /// For this proxy and this app, where they are known.
    pub(super) fn with(&mut self, proxy: Option<Proxy>, app: Option<&str>) {
        self.proxy = proxy;
        self.app = app.map(ToOwned::to_owned);
    }

    /// A line with the app at hand instead of that of the examples.
    fn own(&self, line: &str) -> String {
        let app = self.app.as_deref().unwrap_or(EXAMPLE_APP);
        line.replace(EXAMPLE_APP, app)
    }

    fn quotes(&self) -> impl Iterator<Item = (&'static str, Quoted)> {
        let line = self.line;
        let wanted = self.proxy;
        let proxies = PROXIES.into_iter();
        proxies
            .filter(move |(proxy, _)| wanted.is_none_or(|wanted| wanted == *proxy))
            .filter_map(move |(proxy, name)| Some((name, quoted(proxy, line?)?)))
    }

    /// For people.
    pub(super) fn text(&self) -> String {
        let mut text = labelled("mend", &self.words);
        if let Some(line) = &self.configuration {
            text += &format!("            doorward.toml\n                {line}\n");
        }
        for (_, quoted) in self.quotes() {
            text += &format!("            examples/{} has\n", quoted.file);
            for line in quoted.lines {
                text += &format!("                {}\n", self.own(line));
            }
        }
        text
    }

    /// For programs.
    pub(super) fn json(&self) -> Value {
        let quotes: Vec<_> = self
            .quotes()
            .map(|(name, quoted)| {
                let lines: Vec<_> = quoted.lines.iter().map(|line| self.own(line)).collect();
                json!({ "proxy": name, "file": format!("examples/{}", quoted.file), "lines": lines })
            })
            .collect();
        json!({ "words": self.words, "configuration": self.configuration, "lines": quotes })
    }
}

/// The proxy's own lines. A proxy that needs none for this, because it never does otherwise, has none.
fn quoted(proxy: Proxy, line: Line) -> Option<Quoted> {
    let quoted = match proxy {
        Proxy::Nginx => nginx::quoted(line),
        Proxy::Traefik => traefik::quoted(line),
        Proxy::Caddy => caddy::quoted(line),
        Proxy::Haproxy => haproxy::quoted(line),
        Proxy::Envoy => envoy::quoted(line),
    };
    (!quoted.lines.is_empty()).then_some(quoted)
}

/// The proxy that answers name in `Server` or `Via`.
pub(super) fn recognised(server: Option<&str>, via: Option<&str>) -> Option<Proxy> {
    let server = server.unwrap_or_default().to_ascii_lowercase();
    let via = via.unwrap_or_default().to_ascii_lowercase();
    let named = |name: &str| server.starts_with(name) || via.ends_with(name);
    if named("nginx") || named("openresty") || named("angie") {
        Some(Proxy::Nginx)
    } else if named("caddy") {
        Some(Proxy::Caddy)
    } else if named("envoy") {
        Some(Proxy::Envoy)
    } else {
        None
    }
}

/// The proxy's name.
pub(super) fn name(proxy: Proxy) -> &'static str {
    let found = PROXIES.iter().find(|(other, _)| *other == proxy);
    found.map_or("", |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    /// Every line of every file below a folder, without its indentation.
    fn lines_below(folder: &Path) -> Vec<String> {
        let mut lines = Vec::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                lines.extend(lines_below(&path));
            } else if let Ok(text) = fs::read_to_string(&path) {
                lines.extend(text.lines().map(|line| line.trim().to_owned()));
            }
        }
        lines
    }

    /// Plain HTTP is what the examples speak; what https adds is in the templates that they are made from.
    #[test]
    fn each_quoted_line_is_a_line_of_the_example() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let templates = lines_below(&root.join("templates/proxies"));
        for (proxy, name) in PROXIES {
            let lines = lines_below(&root.join("examples").join(name));
            let quotes = LINES
                .iter()
                .filter_map(|line| Some((*line, quoted(proxy, *line)?)));
            let quotes: Vec<_> = quotes.collect();
            assert!(quotes.len() > 12, "{name}");
            for (line, quoted) in quotes {
                let file = root.join("examples").join(quoted.file);
                assert!(file.is_file(), "{}", quoted.file);
                let https = matches!(line, Line::Hsts | Line::ToHttps);
                for line in quoted.lines {
                    let there = |lines: &[String]| lines.iter().any(|other| other == line);
                    assert!(
                        there(&lines) || (https && there(&templates)),
                        "{name}: {line}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_proxy_is_recognised_by_what_it_says_of_itself() {
        assert_eq!(recognised(Some("nginx/1.22.1"), None), Some(Proxy::Nginx));
        assert_eq!(recognised(Some("Caddy"), None), Some(Proxy::Caddy));
        assert_eq!(
            recognised(Some("Express"), Some("1.1 Caddy")),
            Some(Proxy::Caddy)
        );
        assert_eq!(recognised(Some("envoy"), None), Some(Proxy::Envoy));
        assert_eq!(recognised(None, None), None);
        assert_eq!(recognised(Some("Apache"), Some("1.1 varnish")), None);
    }
}
