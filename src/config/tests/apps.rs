//! Apps: hosts, addresses, pages and rules.

use super::{KEY, OTHER_KEY, load, refused, shop};
use crate::domain::access::Method;
use crate::domain::path::RequestPath;

fn at(hosts: &str, more: &str) -> String {
    format!("[apps.shop]\nkeys = [\"{KEY}\"]\nhosts = {hosts}\n{more}\n")
}

fn and(hosts: &str) -> String {
    format!("[apps.zoo]\nkeys = [\"{OTHER_KEY}\"]\nhosts = {hosts}\n")
}

#[test]
fn an_app_has_hosts() {
    refused(
        &format!("[apps.shop]\nkeys = [\"{KEY}\"]\n"),
        "apps.shop.hosts",
        "is missing",
    );
    refused(&at("[]", ""), "apps.shop.hosts", "is missing");
    for bad in [
        "",
        "shop.example.com/",
        "ftp://x.com",
        "a@b.com",
        "x.com:0",
        "a*b.com",
        "a b.com",
    ] {
        refused(
            &at(&format!("[\"ok.example.com\", {bad:?}]"), ""),
            "apps.shop.hosts[1]",
            "write at least",
        );
    }
}

#[test]
fn threat_10_a_public_suffix_is_no_wildcard() {
    for bad in ["*.com", "*.co.uk", "*.github.io", "*.localhost"] {
        refused(
            &at(&format!("[{bad:?}]"), ""),
            "apps.shop.hosts[0]",
            "public suffix",
        );
    }
}

#[test]
fn threat_10_a_wildcard_needs_a_pool_with_a_cookie_domain() {
    let wildcard = "[\"shop.example.com\", \"*.example.com\"]";
    refused(
        &at(wildcard, ""),
        "apps.shop.hosts[1]",
        "cookie_domain and login_host in [pools.shop]",
    );
    let pool = "[pools.shop]\ncookie_domain = \"example.com\"\nlogin_host = \"login.example.com\"";
    assert!(load(&at(wildcard, pool)).is_ok());
}

#[test]
fn a_host_belongs_to_one_app_and_once() {
    let two = |one: &str, other: &str| format!("{}{}", at(one, ""), and(other));
    for (one, other) in [
        ("shop.example.com", "SHOP.example.com."),
        ("shop.example.com", "shop.example.com:443"),
        ("shop.example.com:8443", "http://shop.example.com:8443"),
        ("localhost", "localhost:3000"),
    ] {
        let file = two(
            &format!("[{one:?}]"),
            &format!("[\"zoo.example.com\", {other:?}]"),
        );
        refused(
            &file,
            "apps.zoo.hosts[1]",
            "belongs to the app shop too (apps.shop.hosts[0])",
        );
    }
    assert!(load(&two("[\"localhost:3000\"]", "[\"localhost:4000\"]")).is_ok());
    let schemes = at("[\"https://localhost\", \"http://localhost\"]", "");
    refused(
        &schemes,
        "apps.shop.hosts[1]",
        "with the other scheme already",
    );
    let twice = at("[\"shop.example.com\", \"shop.example.com:8443\"]", "");
    refused(
        &twice,
        "apps.shop.hosts[1]",
        "covered already (apps.shop.hosts[0])",
    );
}

#[test]
fn the_public_url_is_at_one_of_the_hosts() {
    let hosts = "[\"shop.example.com\", \"localhost:3000\"]";
    for good in [
        "https://shop.example.com",
        "https://SHOP.example.com:8443",
        "http://localhost:3000",
    ] {
        assert!(
            load(&at(hosts, &format!("public_url = {good:?}"))).is_ok(),
            "{good}"
        );
    }
    for bad in [
        "https://other.example.com",
        "http://shop.example.com",
        "http://localhost",
    ] {
        let file = at(hosts, &format!("public_url = {bad:?}"));
        refused(&file, "apps.shop.public_url", "at none of the hosts");
    }
    for bad in [
        "shop.example.com",
        "https://shop.example.com/",
        "https://a@shop.example.com",
        "",
    ] {
        refused(
            &at(hosts, &format!("public_url = {bad:?}")),
            "apps.shop.public_url",
            "is no origin",
        );
    }
    let pool = "[pools.shop]\ncookie_domain = \"example.com\"\nlogin_host = \"login.example.com\"";
    refused(
        &at("[\"*.example.com\"]", pool),
        "apps.shop.public_url",
        "is missing",
    );
    let url = format!("public_url = \"https://www.example.com\"\n{pool}");
    assert!(load(&at("[\"*.example.com\"]", &url)).is_ok());
}

#[test]
fn words_are_those_of_the_key() {
    refused(
        &shop("binding = \"both\""),
        "apps.shop.binding",
        "write app or request",
    );
    refused(
        &shop("default_access = \"all\""),
        "apps.shop.default_access",
        "write public, optional",
    );
    refused(
        &shop("users = \"My Users\""),
        "apps.shop.users",
        "write the id of a pool",
    );
}

#[test]
fn a_login_page_is_a_plain_path_of_the_app() {
    for good in ["/login.html", "/sign-in", "/a/b"] {
        assert!(
            load(&shop(&format!("login_page = {good:?}"))).is_ok(),
            "{good}"
        );
    }
    for bad in [
        "login.html",
        "",
        "/a?b",
        "/a#b",
        "/a b",
        "/a%20",
        "//x",
        "/a/../b",
        "/x/*",
        "/a\\b",
        "/ä",
    ] {
        refused(
            &shop(&format!("login_page = {bad:?}")),
            "apps.shop.login_page",
            "write a plain path",
        );
    }
    for own in [
        "/login",
        "/login/x",
        "/LOGIN",
        "/logout/",
        "/register",
        "/account/x",
    ] {
        let file = shop(&format!("login_page = {own:?}"));
        refused(&file, "apps.shop.login_page", "one of Doorward's own pages");
    }
    let moved = format!(
        "[server]\nbase_path = \"/auth\"\n{}",
        shop("login_page = \"/login\"")
    );
    assert!(load(&moved).is_ok());
    refused(
        &moved.replace("\"/login\"", "\"/auth/login\""),
        "apps.shop.login_page",
        "own pages",
    );
}

#[test]
fn an_upstream_is_an_address_without_a_path() {
    let upstream = |text: &str| load(&shop(&format!("upstream = {text:?}")));
    let config = upstream("http://my_app:3000").unwrap();
    let app = config.apps.values().next().unwrap();
    assert_eq!(app.upstream.as_deref(), Some("http://my_app:3000"));
    for bad in [
        "127.0.0.1:3000",
        "http://x/",
        "http://x/path",
        "http://u:p@x",
        "unix:/x",
        "http://x:0",
    ] {
        refused(
            &shop(&format!("upstream = {bad:?}")),
            "apps.shop.upstream",
            "write http:// with a host",
        );
    }
    refused(
        &shop("upstream = \"https://x\""),
        "apps.shop.upstream",
        "asks for https",
    );
}

#[test]
fn rules_are_checked_key_by_key() {
    let rule = |rule: &str| shop(&format!("rules = [{{ {rule} }}]"));
    for (bad, key, part) in [
        ("access = \"user\"", "path", "is missing"),
        ("path = \"/x\"", "access", "is missing"),
        (
            "path = \"x\", access = \"user\"",
            "path",
            "must begin with /",
        ),
        (
            "path = \"/*/x\", access = \"user\"",
            "path",
            "whole last segment",
        ),
        (
            "path = \"/x?y\", access = \"user\"",
            "path",
            "must be a path alone",
        ),
        (
            "path = \"/x\", access = \"admin\"",
            "access",
            "public, optional, user or deny",
        ),
        (
            "path = \"/x\", access = \"user\", methods = []",
            "methods",
            "leave it out for all",
        ),
        (
            "path = \"/x\", access = \"user\", methods = [\"get\"]",
            "methods[0]",
            "capitals",
        ),
        (
            "path = \"/x\", access = \"user\", methods = \"GET\"",
            "methods",
            "not a list",
        ),
        (
            "path = \"/x\", access = \"user\", roles = []",
            "roles",
            "is empty",
        ),
        (
            "path = \"/x\", access = \"user\", roles = [\"A\"]",
            "roles[0]",
            "is not a role",
        ),
        (
            "path = \"/x\", access = \"public\", roles = [\"a\"]",
            "roles",
            "asks for no user",
        ),
        (
            "path = \"/x\", access = \"deny\", roles = [\"a\"]",
            "roles",
            "asks for no user",
        ),
    ] {
        refused(&rule(bad), &format!("apps.shop.rules[0].{key}"), part);
    }
    let tables = "[[apps.shop.rules]]\npath = \"/x\"\naccess = \"user\"\nroles = [\"a\", \"b-c\"]\nmethods = [\"GET\"]";
    assert!(load(&shop(tables)).is_ok());
}

/// How an app judges a path, as the rest of Doorward sees it.
fn access(file: &str, path: &str) -> &'static str {
    let apps = load(file).unwrap().domain_apps();
    let app = apps.get("shop").unwrap();
    let path = RequestPath::parse(path).unwrap();
    app.policy.judge(&path, &Method::GET).access().as_str()
}

#[test]
fn the_policy_exempts_the_pages_of_doorward_and_of_the_app() {
    let file = format!(
        "[server]\nbase_path = \"/auth\"\n{}",
        shop("login_page = \"/sign-in\"\ndefault_access = \"deny\"")
    );
    assert_eq!(access(&file, "/auth/login"), "public");
    assert_eq!(access(&file, "/auth/login/session"), "public");
    assert_eq!(access(&file, "/sign-in"), "public");
    assert_eq!(access(&file, "/login"), "deny");
    assert_eq!(access(&file, "/"), "deny");
}

#[test]
fn with_a_shared_sign_in_the_apps_own_pages_are_no_exemption() {
    let file = format!(
        "[pools.people]\ncookie_domain = \"example.com\"\nlogin_host = \"login.example.com\"\n{}",
        shop("users = \"people\"\nlogin_page = \"/sign-in\"")
    );
    for page in [
        "/login",
        "/login/session",
        "/logout",
        "/register",
        "/account",
        "/account/x",
    ] {
        assert_eq!(access(&file, page), "user", "{page}");
    }
    assert_eq!(access(&file, "/sign-in"), "public");
}
