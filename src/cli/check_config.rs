//! `doorward check-config`: what the configuration means, in words. Errors are reported where it is loaded.
//!
//! Must not show a password, a key or a user name.

use super::database::{database, session_store};
use super::layout::{Facts, counted};
use super::{moment, print};
use crate::config::{
    AppConfig, AppKeys, Config, PoolConfig, ProviderConfig, RegistrationConfig, RegistrationMode,
    SessionsConfig,
};
use crate::domain::access::{Method, Policy, Rule};
use crate::domain::app::Binding;
use crate::domain::client_address::TrustedProxies;
use crate::domain::host::HostEntry;
use crate::domain::ids::Role;

/// Where the values begin.
const WIDTH: usize = 15;
/// What a proxy sends to the pages listener.
const PAGES: [&str; 4] = ["/login", "/logout", "/register", "/account"];

/// Prints the summary.
pub(super) fn run(config: &Config) -> anyhow::Result<()> {
    Ok(print::block(&summary(config))?)
}

fn summary(config: &Config) -> String {
    let apps = counted(config.apps.len() as u64, "app");
    let mut sections = vec![
        format!("The configuration is good: {apps}.\n"),
        server(config).under("server", WIDTH),
        Facts::default()
            .add("kept in", database(&config.database.url))
            .under("database", WIDTH),
        sessions(&config.sessions).under("sessions", WIDTH),
        Facts::default()
            .add("mode", registration(&config.registration))
            .under("registration", WIDTH),
    ];
    for (id, provider) in &config.providers {
        sections.push(self::provider(provider).under(&format!("provider {id}"), WIDTH));
    }
    for (id, app) in &config.apps {
        let pool = config.pools.get(&app.users);
        let providers = at_providers(config, app);
        let facts = self::app(app, pool).add_all("providers", providers);
        sections.push(facts.under(&format!("app {id}"), WIDTH));
    }
    sections.join("\n")
}

fn server(config: &Config) -> Facts {
    let server = &config.server;
    let base = &server.base_path;
    let paths = PAGES.map(|page| format!("{base}{page}")).join(", ");
    Facts::default()
        .add("pages on", server.listen.to_string())
        .add("verify on", server.internal_listen.to_string())
        .add("page paths", paths)
        .add_all("trusted proxies", proxies(&server.trusted_proxies))
}

fn proxies(trusted: &TrustedProxies) -> Vec<String> {
    let nets = trusted.nets().iter().map(ToString::to_string);
    let hops = trusted.hops().map(|hops| {
        let hops = counted(u64::from(hops.get()), "hop");
        format!("the client is {hops} from the end of X-Forwarded-For")
    });
    let proxies: Vec<_> = nets.chain(hops).collect();
    if proxies.is_empty() {
        vec!["none".to_owned()]
    } else {
        proxies
    }
}

fn sessions(sessions: &SessionsConfig) -> Facts {
    let idle = moment::span(sessions.idle_timeout);
    let absolute = moment::span(sessions.absolute_timeout);
    Facts::default()
        .add("kept in", session_store(sessions))
        .add("cookie", sessions.cookie_name.as_str())
        .add(
            "end unused",
            format!("after {idle}, but for visitors who stay signed in"),
        )
        .add("end anyway", format!("after {absolute}"))
}

fn registration(registration: &RegistrationConfig) -> String {
    let domains = &registration.allowed_domains;
    let domains: Vec<_> = domains.iter().map(|domain| domain.as_str()).collect();
    match registration.mode {
        RegistrationMode::Closed => "closed; `doorward user add` makes accounts".to_owned(),
        RegistrationMode::Open if domains.is_empty() => "open to everybody".to_owned(),
        RegistrationMode::Open => format!("open to addresses of {}", domains.join(", ")),
    }
}

fn provider(provider: &ProviderConfig) -> Facts {
    let counts = if provider.trust_email {
        "count where it says that they are verified"
    } else {
        "never count as verified"
    };
    let client = match provider.client_secret {
        Some(_) => "with a secret",
        None => "without a secret",
    };
    Facts::default()
        .add("button", provider.name.as_str())
        .add("kind", provider.kind.facts().word)
        .add("issuer", provider.issuer.as_str())
        .add("client", format!("{}, {client}", provider.client_id))
        .add("asks for", provider.scopes.join(", "))
        .add("addresses", counts)
}

/// The redirect URI of each provider of an app, at the host that links lead to.
fn at_providers(config: &Config, app: &AppConfig) -> Vec<String> {
    let pool = config.pools.get(&app.users);
    let shared = pool.and_then(|pool| pool.shared.as_ref());
    let at = shared.map_or(&app.public_url, |shared| &shared.login_origin);
    let base = &config.server.base_path;
    let offered = config.offered_by(&app.users);
    offered
        .iter()
        .map(|id| format!("{id}, redirect URI {at}{base}/login/{id}/callback"))
        .collect()
}

fn app(app: &AppConfig, pool: Option<&PoolConfig>) -> Facts {
    let shared = pool.and_then(|pool| pool.shared.as_ref());
    let sign_in = match (&app.login_page, shared) {
        (Some(page), _) => format!("its own page {page}"),
        (None, Some(shared)) => {
            let (at, domain) = (&shared.login_origin, &shared.cookie_domain);
            format!("at {at}, shared by the pool under {domain}")
        }
        (None, None) => "on its own hosts".to_owned(),
    };
    let binding = match app.binding {
        Binding::App => "app: an X-UserId counts for any request to it",
        Binding::Request => "request: an X-UserId counts for one method, host and URI",
    };
    Facts::default()
        .add_all("hosts", app.hosts.iter().map(with_scheme).collect())
        .add("links lead to", app.public_url.to_string())
        .add("users", format!("the pool {}", app.users))
        .add("sign-in", sign_in)
        .add("binding", binding)
        .add("keys", keys(&app.keys))
        .add_all("access", access(&app.policy))
        .add_all("upstream", app.upstream.iter().cloned().collect())
}

/// A line for each rule, and one for what none covers.
fn access(policy: &Policy) -> Vec<String> {
    let rules = policy
        .rules()
        .iter()
        .map(|rule| (covered(rule), admitted(rule)));
    let rest = if policy.rules().is_empty() {
        "everything"
    } else {
        "all else"
    };
    let rest = (rest.to_owned(), policy.default_access().to_string());
    let lines: Vec<_> = rules.chain([rest]).collect();
    let width = lines
        .iter()
        .map(|(what, _)| what.chars().count())
        .max()
        .unwrap_or_default();
    lines
        .into_iter()
        .map(|(what, who)| format!("{what:width$}  {who}"))
        .collect()
}

/// What a rule covers, as it stands in the configuration.
pub(super) fn covered(rule: &Rule) -> String {
    let methods: Vec<_> = rule.methods.iter().map(Method::as_str).collect();
    if methods.is_empty() {
        rule.pattern.to_string()
    } else {
        format!("{} {}", methods.join(", "), rule.pattern)
    }
}

/// Whom a rule admits.
pub(super) fn admitted(rule: &Rule) -> String {
    let roles: Vec<_> = rule.roles.iter().map(Role::as_str).collect();
    if roles.is_empty() {
        rule.access.to_string()
    } else {
        format!("{} with the role {}", rule.access, roles.join(" or "))
    }
}

/// An entry with its scheme, also where that goes without saying.
fn with_scheme(entry: &HostEntry) -> String {
    let text = entry.to_string();
    if text.contains("://") {
        text
    } else {
        format!("{}://{text}", entry.scheme())
    }
}

fn keys(keys: &AppKeys) -> String {
    match keys {
        AppKeys::Given(keys) if keys.len() == 1 => "1, which signs and verifies".to_owned(),
        AppKeys::Given(keys) => format!("{}; the first signs, all verify", keys.len()),
        AppKeys::Generated(path) => {
            format!("1, made at the first start and kept in {}", path.display())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::access::Access;

    #[test]
    fn rules_are_told_in_their_order_and_what_none_covers_last() {
        let rule = |path: &str, methods: &[&str], access, roles: &[&str]| Rule {
            pattern: path.parse().unwrap(),
            methods: methods
                .iter()
                .map(|method| method.parse().unwrap())
                .collect(),
            access,
            roles: roles.iter().map(|role| role.parse().unwrap()).collect(),
        };
        let rules = vec![
            rule("/admin/*", &[], Access::User, &["admin", "staff"]),
            rule("/", &["GET", "POST"], Access::Public, &[]),
        ];
        let lines = access(&Policy::new(rules, Access::Deny, Vec::new()));
        let expected = [
            "/admin/*     user with the role admin or staff",
            "GET, POST /  public",
            "all else     deny",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn the_summary_of_no_configuration_describes_local_use() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("doorward.toml");
        std::fs::write(&file, "").unwrap();
        let summary = summary(&Config::load(Some(&file), []).unwrap());
        for line in [
            "The configuration is good: 1 app.",
            "  trusted proxies  127.0.0.0/8",
            "                   ::1/128",
            "  kept in          SQLite, the file data/doorward.db",
            "  end anyway       after 30 days",
            "  hosts            http://localhost",
            "  keys             1, made at the first start and kept in data/app.key",
            "  access           everything  user",
        ] {
            assert!(
                summary.lines().any(|shown| shown == line),
                "{line}\n{summary}"
            );
        }
    }
}
