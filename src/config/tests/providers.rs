//! Providers: what a section needs, what is refused, and which pool offers which.

use secrecy::ExposeSecret as _;

use super::{load, load_with, only, refused, shop};
use crate::config::ProviderConfig;

const GOOGLE: &str =
    "[providers.google]\nkind = \"google\"\nclient_id = \"me\"\nclient_secret = \"GOCSPX-x\"\n";
const COMPANY: &str = "[providers.company]\nkind = \"oidc\"\nclient_id = \"me\"\nissuer = \"https://id.example.com\"\n";

fn company(more: &str) -> String {
    format!("{}{COMPANY}{more}\n", shop(""))
}

fn provider(toml: &str, id: &str) -> ProviderConfig {
    let config = load(toml).unwrap_or_else(|errors| panic!("{errors}"));
    config.providers[&id.parse().unwrap()].clone()
}

#[test]
fn a_section_needs_little_and_the_kind_says_the_rest() {
    let google = provider(&format!("{}{GOOGLE}", shop("")), "google");
    assert_eq!(google.name, "Google");
    assert_eq!(google.issuer, "https://accounts.google.com");
    assert_eq!(google.scopes, ["openid", "email"]);
    assert!(google.trust_email && !google.sign_out);
    assert_eq!(google.client_secret.unwrap().expose_secret(), "GOCSPX-x");
    let own = provider(&company(""), "company");
    assert_eq!(own.name, "company");
    assert!(own.client_secret.is_none() && !own.trust_email);
    let more =
        "name = \"Company account\"\nscopes = [\"openid\"]\ntrust_email = true\nsign_out = true";
    let own = provider(&company(more), "company");
    assert_eq!(
        (own.name.as_str(), own.scopes.len()),
        ("Company account", 1)
    );
    assert!(own.trust_email && own.sign_out);
}

#[test]
fn threat_38_a_server_of_somebodys_own_is_not_believed_by_itself() {
    let github = |issuer: &str| {
        let section = format!(
            "[providers.github]\nkind = \"github\"\nclient_id = \"me\"\nclient_secret = \"x\"\n{issuer}\n"
        );
        provider(&format!("{}{section}", shop("")), "github").trust_email
    };
    assert!(github(""));
    assert!(!github("issuer = \"https://github.example.com\""));
    assert!(github(
        "issuer = \"https://github.example.com\"\ntrust_email = true"
    ));
}

/// One provider of the kind `x`, with this besides.
fn refused_in_x(more: &str, key: &str, part: &str) {
    let file = format!("{}[providers.id]\nkind = \"x\"\n{more}\n", shop(""));
    refused(&file, &format!("providers.id.{key}"), part);
}

#[test]
fn what_is_missing_is_said() {
    for (section, key, part) in [
        ("client_id = \"me\"", "kind", "is missing"),
        (
            "kind = \"twitter\"\nclient_id = \"me\"",
            "kind",
            "google, microsoft, github",
        ),
        (
            "kind = \"oidc\"\nclient_id = \"me\"",
            "issuer",
            "is missing",
        ),
        (
            "kind = \"google\"\nclient_id = \"me\"",
            "client_secret",
            "is missing",
        ),
    ] {
        let file = format!("{}[providers.id]\n{section}\n", shop(""));
        refused(&file, &format!("providers.id.{key}"), part);
    }
    refused_in_x("", "client_id", "is missing");
}

#[test]
fn what_is_wrong_is_said() {
    refused_in_x("client_id = \"\"", "client_id", "is not an id");
    let me = |more: &str| format!("client_id = \"me\"\n{more}");
    for (more, key, part) in [
        ("client_secret = \"\"", "client_secret", "is empty"),
        (
            "client_secret = \"changeme\"",
            "client_secret",
            "is a sample",
        ),
        (
            "client_secret = \" x\"",
            "client_secret",
            "spaces around it",
        ),
        ("name = \"\"", "name", "is empty, too long"),
        ("scopes = [\"a b\"]", "scopes[0]", "is not a scope"),
        (
            "trust_email = \"yes\"",
            "trust_email",
            "is a text, not true or false",
        ),
        (
            "trust_mail = true",
            "trust_mail",
            "did you mean trust_email?",
        ),
    ] {
        refused_in_x(&me(more), key, part);
    }
}

#[test]
fn an_issuer_is_an_https_url_as_the_provider_writes_it() {
    for good in [
        "https://id.example.com",
        "https://id.example.com/",
        "https://id.example.com:8443/realms/staff",
        "http://localhost:9000",
        "http://127.0.0.1:9000",
        "http://[::1]:9000",
        "http://town-id.localhost:9000",
    ] {
        let file = company("").replace("https://id.example.com", good);
        assert_eq!(provider(&file, "company").issuer, good);
    }
    for (bad, part) in [
        ("id.example.com", "is not a URL"),
        ("http://id.example.com", "is not https"),
        ("http://localhost.example.com", "is not https"),
        ("ftp://id.example.com", "is not an https URL"),
        ("https://id.example.com?a=1", "is more than a URL"),
        ("https://id.example.com#a", "is more than a URL"),
        ("https://me:word@id.example.com", "is more than a URL"),
        ("https://ID.example.com", "is not written in the usual way"),
        (
            "https://id.example.com:443",
            "is not written in the usual way",
        ),
        (
            "https://id.example.com/a/../b",
            "is not written in the usual way",
        ),
    ] {
        let file = company("").replace("https://id.example.com", bad);
        refused(&file, "providers.company.issuer", part);
    }
}

#[test]
fn threat_40_no_error_shows_a_secret() {
    let file = company("client_secret = \"very secret \"");
    let error = only(load(&file));
    assert!(!error.contains("very"), "{error}");
    let shown = format!("{:?}", load(&format!("{}{GOOGLE}", shop(""))).unwrap());
    assert!(!shown.contains("GOCSPX"), "{shown}");
}

#[test]
fn pages_of_doorwards_own_are_no_providers() {
    for id in [
        "assets", "continue", "email", "jwks", "reset", "session", "token",
    ] {
        let file = company("").replace("[providers.company]", &format!("[providers.{id}]"));
        refused(&file, &format!("providers.{id}"), "the id is taken");
    }
}

#[test]
fn a_pool_offers_all_or_those_that_it_names() {
    let both = format!("{}{GOOGLE}", company(""));
    let offered = |more: &str| {
        let config = load(&format!("{both}{more}")).unwrap_or_else(|errors| panic!("{errors}"));
        let ids = config.offered_by(&"shop".parse().unwrap());
        ids.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(offered(""), ["company", "google"]);
    assert_eq!(offered("[pools.shop]\n"), ["company", "google"]);
    assert_eq!(
        offered("[pools.shop]\nproviders = [\"google\", \"company\"]\n"),
        ["google", "company"]
    );
    assert!(offered("[pools.shop]\nproviders = []\n").is_empty());
    let named = |list: &str| format!("{both}[pools.shop]\nproviders = {list}\n");
    refused(
        &named("[\"google\", \"gitlab\"]"),
        "pools.shop.providers[1]",
        "gitlab is not a provider",
    );
    refused(
        &named("[\"google\", \"google\"]"),
        "pools.shop.providers[1]",
        "is here already",
    );
    refused(
        &named("[\"Google\"]"),
        "pools.shop.providers[0]",
        "is not the id of a provider",
    );
}

#[test]
fn variables_set_a_provider() {
    let variables = [
        ("DOORWARD__PROVIDERS__TOWN_ID__KIND", "oidc"),
        (
            "DOORWARD__PROVIDERS__TOWN_ID__ISSUER",
            "http://localhost:9000",
        ),
        ("DOORWARD__PROVIDERS__TOWN_ID__CLIENT_ID", "doorward"),
        ("DOORWARD__PROVIDERS__TOWN_ID__TRUST_EMAIL", "true"),
    ];
    let config = load_with(&shop(""), &variables).unwrap();
    assert!(config.providers[&"town-id".parse().unwrap()].trust_email);
    let wrong = [("DOORWARD__PROVIDERS__TOWN_ID__TRUST_EMAIL", "yes")];
    let all = [&variables[..3], &wrong].concat();
    let error = only(load_with(&shop(""), &all));
    assert!(error.contains("is neither true nor false"), "{error}");
}

#[test]
fn no_cookie_has_the_name_of_another() {
    for name in ["OAUTH", "DEVICE"] {
        let file = format!("{}[sessions]\ncookie_name = {name:?}\n", shop(""));
        refused(&file, "sessions.cookie_name", "the name of another cookie");
    }
}
