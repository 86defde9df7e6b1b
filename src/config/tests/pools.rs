//! Pools: what apps with one sign-in must have in common.

use super::{KEY, OTHER_KEY, load, refused, shop};

/// The app `shop` in a pool with a shared cookie.
fn pool(keys: &str) -> String {
    format!("{}[pools.staff]\n{keys}\n", shop("users = \"staff\"\n"))
}

fn second(host: &str) -> String {
    format!("[apps.wiki]\nhosts = [{host:?}]\nkeys = [\"{OTHER_KEY}\"]\nusers = \"staff\"\n")
}

const SHARED: &str = "cookie_domain = \"example.com\"\nlogin_host = \"login.example.com\"";

#[test]
fn a_pool_may_have_a_shared_cookie() {
    assert!(
        load(&pool(""))
            .unwrap()
            .pools
            .values()
            .next()
            .unwrap()
            .shared
            .is_none()
    );
    let config = load(&format!("{}{}", pool(SHARED), second("wiki.example.com"))).unwrap();
    let login = config
        .pools
        .values()
        .next()
        .unwrap()
        .shared
        .clone()
        .unwrap();
    assert_eq!(login.cookie_domain.to_string(), "example.com");
    assert_eq!(login.login_origin.to_string(), "https://login.example.com");
}

#[test]
fn cookie_domain_and_login_host_go_together() {
    let (domain, host) = SHARED.split_once('\n').unwrap();
    refused(&pool(domain), "pools.staff.login_host", "is missing");
    refused(&pool(host), "pools.staff.cookie_domain", "is missing");
}

#[test]
fn threat_10_a_cookie_domain_is_no_public_suffix() {
    for bad in ["com", "co.uk", "github.io", "127.0.0.1", "localhost", "a b"] {
        let file = pool(SHARED).replace("\"example.com\"", &format!("{bad:?}"));
        refused(
            &file,
            "pools.staff.cookie_domain",
            "write a domain of yours",
        );
    }
}

#[test]
fn the_login_host_is_a_host_of_its_own_under_the_domain() {
    let at = |host: &str| pool(SHARED).replace("login.example.com", host);
    refused(
        &at("login.example.org"),
        "pools.staff.login_host",
        "is not under cookie_domain",
    );
    refused(
        &at("notexample.com"),
        "pools.staff.login_host",
        "is not under cookie_domain",
    );
    refused(
        &at("*.example.com"),
        "pools.staff.login_host",
        "more than one host",
    );
    refused(
        &at("login.example.com/x"),
        "pools.staff.login_host",
        "must end after the host",
    );
    refused(
        &at("shop.example.com"),
        "pools.staff.login_host",
        "is a host of the app shop",
    );
    assert!(load(&at("example.com")).is_ok());
}

#[test]
fn all_hosts_of_the_pool_are_under_the_domain_with_one_scheme() {
    let outside = format!("{}{}", pool(SHARED), second("wiki.example.org"));
    refused(&outside, "apps.wiki.hosts[0]", "is not under example.com");
    let http = format!("{}{}", pool(SHARED), second("http://wiki.example.com"));
    refused(&http, "apps.wiki.hosts[0]", "another scheme");
    let narrow = pool(SHARED).replace("\"example.com\"", "\"a.example.com\"");
    let narrow = narrow.replace("login.example.com", "login.a.example.com");
    let narrow = narrow.replace("shop.example.com", "shop.a.example.com");
    let narrow = format!("{narrow}{}", second("*.example.com"));
    let errors = load(&narrow).unwrap_err();
    assert!(
        errors
            .to_string()
            .contains("*.example.com is not under a.example.com"),
        "{errors}"
    );
}

#[test]
fn a_pool_that_nothing_uses_is_refused() {
    refused(
        &format!("{}[pools.staf]\n", shop("users = \"staff\"\n")),
        "pools.staf",
        "nothing uses it",
    );
}

#[test]
fn two_pools_share_neither_domain_nor_host() {
    let other = format!(
        "[apps.zoo]\nhosts = [\"zoo.example.com\"]\nkeys = [\"{OTHER_KEY}\"]\n[pools.zoo]\n{SHARED}\n"
    );
    let errors = load(&format!("{}{other}", pool(SHARED))).unwrap_err();
    let keys: Vec<_> = errors
        .all()
        .iter()
        .map(|error| error.key.as_str())
        .collect();
    assert_eq!(
        keys,
        ["pools.zoo.cookie_domain", "pools.zoo.login_host"],
        "{errors}"
    );
    assert!(!errors.to_string().contains(&KEY[..8]));
}

#[test]
fn threat_10_no_pools_domain_lies_within_anothers() {
    let within = SHARED.replace("example.com", "sub.example.com");
    let other = format!(
        "[apps.zoo]\nhosts = [\"zoo.sub.example.com\"]\nkeys = [\"{OTHER_KEY}\"]\n[pools.zoo]\n{within}\n"
    );
    refused(
        &format!("{}{other}", pool(SHARED)),
        "pools.zoo.cookie_domain",
        "sub.example.com shares hosts with example.com of the pool staff",
    );
}
