use proptest::prelude::*;

use super::policy::Judgement;
use super::*;
use crate::domain::ids::Role;
use crate::domain::path::{RequestPath, tests::tricky_paths};

fn path(raw: &str) -> RequestPath<'_> {
    RequestPath::parse(raw).unwrap_or_else(|error| panic!("{raw}: {error}"))
}

fn roles(words: &str) -> Vec<Role> {
    words
        .split_whitespace()
        .map(|word| word.parse().unwrap())
        .collect()
}

/// A rule from `"METHOD,METHOD /path access role role"`; without methods the line begins with the path.
fn rule(line: &str) -> Rule {
    let (methods, rest) = if line.starts_with('/') {
        ("", line)
    } else {
        line.split_once(' ').unwrap()
    };
    let mut words = rest.splitn(3, ' ');
    Rule {
        pattern: words.next().unwrap().parse().unwrap(),
        methods: methods
            .split(',')
            .filter(|m| !m.is_empty())
            .map(|m| m.parse().unwrap())
            .collect(),
        access: words.next().unwrap().parse().unwrap(),
        roles: roles(words.next().unwrap_or_default()),
    }
}

fn policy(rules: &[&str], default_access: Access) -> Policy {
    Policy::new(
        rules.iter().map(|line| rule(line)).collect(),
        default_access,
        own_pages("").unwrap(),
    )
}

fn access(policy: &Policy, asked: &str) -> Access {
    let (method, raw) = asked.split_once(' ').unwrap_or(("GET", asked));
    policy.judge(&path(raw), &method.parse().unwrap()).access()
}

#[test]
fn access_is_ordered_from_open_to_strict() {
    assert!(
        Access::Public < Access::Optional
            && Access::Optional < Access::User
            && Access::User < Access::Deny
    );
    for word in ["public", "optional", "user", "deny"] {
        assert_eq!(word.parse::<Access>().unwrap().to_string(), word);
    }
    for word in ["", "Public", "admin", "allow", " user"] {
        assert_eq!(word.parse::<Access>(), Err(AccessError));
    }
}

#[test]
fn threat_06_a_method_is_an_upper_case_token() {
    for text in [
        "GET",
        "HEAD",
        "PROPFIND",
        "M-SEARCH",
        "VERSION-CONTROL",
        "X",
        &"A".repeat(32),
    ] {
        assert_eq!(Method::parse(text).unwrap().as_str(), text);
    }
    for text in [
        "",
        "get",
        "Get",
        "GET ",
        " GET",
        "GET\r\n",
        "GE T",
        "G\0T",
        "GET,POST",
        "GÉT",
        "GET/1",
        &"A".repeat(33),
    ] {
        assert_eq!(Method::parse(text), Err(MethodError), "{text:?}");
    }
    assert_eq!(Method::parse("CONNECT").unwrap().canonical(), Method::GET);
    assert_eq!(Method::parse("POST").unwrap().canonical().as_str(), "POST");
}

#[test]
fn the_first_rule_that_matches_wins() {
    let shop = policy(
        &[
            "/api/health public",
            "GET /api/items/* optional",
            "/api/* user",
            "/old/* deny",
        ],
        Access::Public,
    );
    let cases = [
        ("/", Access::Public),
        ("/api/health", Access::Public),
        ("/api/health/", Access::User),
        ("/api/items/1", Access::Optional),
        ("HEAD /api/items/1", Access::Optional),
        ("CONNECT /api/items/1", Access::Optional),
        ("POST /api/items/1", Access::User),
        ("OPTIONS /api/items/1", Access::User),
        ("/api/x", Access::User),
        ("/api/", Access::User),
        ("/api", Access::Public),
        ("/old/x", Access::Deny),
        ("/older", Access::Public),
    ];
    for (asked, expected) in cases {
        assert_eq!(access(&shop, asked), expected, "{asked}");
    }
}

#[test]
fn threat_08_no_spelling_of_a_path_slips_past_a_rule() {
    let shop = policy(
        &["/admin user", "/admin/* user", "/secret/* deny"],
        Access::Public,
    );
    let spellings = r"
        /admin /admin/ /ADMIN /Admin/ /admin/x /aDmin/x /%61dmin /%61%64min/ /%2561dmin /./admin
        /x/../admin /x/%2e%2e/admin /x/%252e%252e/admin /x/..%2fadmin /x/..%252fadmin
        /x%2f..%2fadmin /x/..;/admin /x/..;a=b/admin /x/..%3b/admin /;/admin /;x/admin /admin;x
        /admin;/x /admin%3bx //admin ///admin /%2fadmin /%2f%2fadmin //host/admin /\admin
        /x\..\admin /x/..\admin /x%5c..%5cadmin /x%255c..%255cadmin /admin%2f /admin%2fx
        /admin%5cx /admin// /admin/. /admin/.. /admin%23 /admin%3f /admin%23x /admin%3fx=y
        /admin%2523 /admin%253f /ADM%49N /adm%C4%B1n /admin/../admin /admin/%2e /..%2f..%2fadmin
        /login/../admin /login/%2e%2e/admin /login/..;/admin /login/..%5cadmin
        /public/%2e%2e%2fadmin/ /%2e/admin /%2e%2fadmin /admin/%2e%2e
    ";
    for spelling in spellings.split_whitespace() {
        assert_eq!(access(&shop, spelling), Access::User, "{spelling}");
    }
    for spelling in [
        "/secret/x",
        "/SECRET/x",
        "/secret%2fx",
        "/x/..;/secret/x",
        "/admin/..%2fsecret/x",
        "/login/../secret/x",
    ] {
        assert_eq!(access(&shop, spelling), Access::Deny, "{spelling}");
    }
    for honest in [
        "/",
        "/administrator",
        "/shop",
        "/x/y%20z",
        "/x/admin",
        "/login",
        "/a;b/c",
        "/100%25",
    ] {
        assert_eq!(access(&shop, honest), Access::Public, "{honest}");
    }
}

#[test]
fn threat_08_case_and_slash_of_the_rule_itself_count_for_nothing() {
    for (line, asked) in [
        ("/Docs deny", "/docs"),
        ("/Docs/* deny", "/docs/x"),
        ("/docs deny", "/DOCS"),
        ("/docs/ deny", "/docs"),
        ("/docs deny", "/docs/"),
        ("/Docs/ deny", "/docs"),
        ("/docs deny", "/DOCS/"),
        ("/Docs deny", "/docs/."),
    ] {
        let shop = policy(&[line], Access::Public);
        assert_eq!(access(&shop, asked), Access::Deny, "{line} {asked}");
    }
}

#[test]
fn threat_08_a_public_rule_opens_nothing_that_only_looks_like_it() {
    let shop = policy(
        &["/public/* public", "/Docs public", "/feed/ public"],
        Access::User,
    );
    for open in [
        "/public/x",
        "/public/x/y.html",
        "/Docs",
        "/feed/",
        "/public/a%20b",
        "/public/a;v=1",
    ] {
        assert_eq!(access(&shop, open), Access::Public, "{open}");
    }
    let closed = r"
        /public /public/ /public/.. /public/../x /public/%2e%2e/x /public/..;/x /public%2fx
        /PUBLIC/x /public//x/../../../y /docs /Docs/ /feed /public;/x //public/x /x/../public/y
        /public\x /%70ublic/x
    ";
    for spelling in closed.split_whitespace() {
        assert_eq!(access(&shop, spelling), Access::User, "{spelling}");
    }
}

#[test]
fn own_pages_are_public_before_any_rule() {
    let closed = Policy::new(
        vec![rule("/* deny")],
        Access::Deny,
        own_pages("/auth").unwrap(),
    );
    for open in [
        "/auth/login",
        "/auth/login/email",
        "/auth/logout",
        "/auth/register/confirm",
        "/auth/account",
    ] {
        assert_eq!(access(&closed, open), Access::Public, "{open}");
    }
    for shut in [
        "/auth/login.html",
        "/auth",
        "/auth/loginx",
        "/login",
        "/auth/login/../x",
        "/auth/login/..%2f..%2fx",
        "/auth/LOGIN",
    ] {
        assert_eq!(access(&closed, shut), Access::Deny, "{shut}");
    }
    assert!(own_pages("auth").is_err() && own_pages("/a//b").is_err());
}

#[test]
fn every_view_asks_for_its_roles() {
    let shop = policy(
        &[
            "/staff/* user editor admin",
            "/STAFF/* user owner",
            "/open/* public admin",
        ],
        Access::User,
    );
    let asked = path("/staff/x");
    let needed = shop.judge(&asked, &Method::GET);
    assert_eq!(needed.role_groups(), [roles("editor admin").as_slice()]);
    assert!(
        needed.satisfied_by(&roles("admin"))
            && !needed.satisfied_by(&roles("owner"))
            && !needed.satisfied_by(&[])
    );
    let shouted = path("/STAFF/x");
    let needed = shop.judge(&shouted, &Method::GET);
    assert_eq!(needed.role_groups().len(), 2);
    assert!(needed.satisfied_by(&roles("owner editor")));
    assert!(!needed.satisfied_by(&roles("owner")) && !needed.satisfied_by(&roles("admin")));
    let open = shop.judge(&asked, &Method::GET);
    assert_eq!(
        (open.access(), open.source()),
        (Access::User, Source::Rule(0))
    );
    let ignored = path("/open/x");
    let ignored = shop.judge(&ignored, &Method::GET);
    assert!(
        ignored.access() == Access::Public
            && ignored.role_groups().is_empty()
            && ignored.satisfied_by(&[])
    );
}

#[test]
fn a_denied_path_is_satisfied_by_nobody() {
    let shop = policy(&["/staff/* user admin", "/STAFF/* deny"], Access::Deny);
    let asked = path("/STAFF/x");
    let needed = shop.judge(&asked, &Method::GET);
    assert_eq!(needed.access(), Access::Deny);
    assert!(needed.role_groups().is_empty() && !needed.satisfied_by(&roles("admin")));
}

#[test]
fn the_deciding_rule_can_be_named() {
    let shop = policy(&["/x public", "/y/* user"], Access::Optional);
    let source = |raw: &str| shop.judge(&path(raw), &Method::GET).source();
    assert_eq!(source("/x"), Source::Rule(0));
    assert_eq!(source("/x/../y/z"), Source::Rule(1));
    assert_eq!(source("/z"), Source::Default);
    assert_eq!(source("/login"), Source::OwnPages);
    let asked = path("/y/z");
    let judged: Vec<_> = asked
        .views()
        .map(|view| shop.judge_view(&view, &Method::GET).source)
        .collect();
    assert_eq!(judged, [Source::Rule(1); 4]);
    let asked = path("/X/../y/z/");
    let judged = shop.judgements(&asked, &Method::GET);
    let judged: Vec<_> = judged
        .map(|(view, judged)| (view.text(), judged.source))
        .collect();
    assert_eq!(judged.first(), Some(&("/X/../y/z/", Source::Default)));
    assert!(judged.contains(&("/y/z/", Source::Rule(1))), "{judged:?}");
}

fn any_rule() -> impl Strategy<Value = Rule> {
    let line = prop::sample::select(vec![
        "/admin",
        "/admin/*",
        "/ADMIN/*",
        "/Admin",
        "/public/*",
        "/public",
        "/a",
        "/a/",
        "/a/*",
        "/*",
        "/login/x",
        "/x/é",
        "/admin/x/",
    ]);
    let access = prop::sample::select(vec![
        "public",
        "optional",
        "user",
        "user editor",
        "user owner admin",
        "deny",
    ]);
    let methods = prop::sample::select(vec!["", "", "GET ", "POST "]);
    (methods, line, access)
        .prop_map(|(methods, line, access)| rule(&format!("{methods}{line} {access}")))
}

proptest! {
    #[test]
    fn threat_08_the_judgement_is_as_strict_as_the_strictest_view(
        raw in tricky_paths(),
        rules in prop::collection::vec(any_rule(), 0..6),
        default in prop::sample::select(vec![Access::Public, Access::Optional, Access::User, Access::Deny]),
        method in prop::sample::select(vec!["GET", "HEAD", "POST", "CONNECT"]),
    ) {
        let Ok(parsed) = RequestPath::parse(&raw) else { return Ok(()) };
        let method = Method::parse(method).unwrap();
        let shop = Policy::new(rules, default, own_pages("").unwrap());
        let needed = shop.judge(&parsed, &method);
        let views: Vec<_> = parsed.views().map(|view| shop.judge_view(&view, &method)).collect();
        let strictest = views.iter().map(|judged| judged.access).max().unwrap();
        prop_assert_eq!(needed.access(), strictest);
        if strictest == Access::User {
            for judged in views.iter().filter(|judged| judged.access == Access::User && !judged.roles.is_empty()) {
                prop_assert!(needed.role_groups().contains(&judged.roles));
            }
        }
        let held = roles("editor");
        let single = |judged: &Judgement<'_>| judged.roles.is_empty() || judged.roles.iter().any(|role| held.contains(role));
        let all = strictest != Access::Deny && views.iter().all(single);
        prop_assert_eq!(needed.satisfied_by(&held), all);
    }
}
