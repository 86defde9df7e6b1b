//! What people read, and what happens when they mistype.

use super::site::{Clinic, PROBE};
use crate::support::doorward;
use crate::support::ports::free_port;

const WRONG: (&str, &str) = (
    "proxy_set_header X-UserId $user_id;",
    "proxy_set_header X-UserId $http_x_userid;",
);

#[tokio::test]
async fn a_finding_says_what_was_seen_why_it_matters_and_which_line_mends_it() {
    let clinic = Clinic::with(&[WRONG]).await;
    let output = clinic.diagnose_in_words(&["--probe", PROBE]).await;
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).expect("text");
    let at = clinic.url.clone();
    for line in [
        format!("{at}, as a stranger sees it"),
        "  proxy            nginx".to_owned(),
        "  WRONG        The app gets one X-UserId, and never the client's own".to_owned(),
        "  ok           Doorward knows this host".to_owned(),
        "1. the client's own X-UserId reaches the app (identity)".to_owned(),
        format!("     asked  GET {at}{PROBE} with Accept: application/json, X-UserId:"),
        "            examples/nginx/doorward.conf has".to_owned(),
        "                proxy_set_header X-UserId $user_id;".to_owned(),
        "1 wrong; 22 checked, 6 not checked.".to_owned(),
    ] {
        assert!(text.lines().any(|other| other == line), "{line}\n{text}");
    }
    assert!(!text.contains('\u{1b}'), "no colours");
    assert!(!text.contains(clinic.doorward.key_hex()));
}

#[tokio::test]
async fn a_probe_that_can_not_be_used_is_said_once_and_is_not_success() {
    let clinic = Clinic::with(&[]).await;
    for (query, says) in [
        (
            "?answer=401",
            "answered 401, though its rule says optional:",
        ),
        ("?answer=404", "answered 404: the app has no such page,"),
        ("?answer=500", "answered 500"),
        (
            "?length=9",
            "answered 200, but not with the JSON that docs/doctor.md",
        ),
    ] {
        let probe = format!("{PROBE}{query}");
        let output = clinic.diagnose_in_words(&["--probe", &probe]).await;
        let text = String::from_utf8(output.stdout).expect("text");
        let (head, rest) = text.split_once("\n\n").expect("head and checks");
        let line = format!("  probe            {probe}: {says}");
        assert!(head.lines().any(|other| other.starts_with(&line)), "{text}");
        let cause = says.split([',', ':']).next().expect("a cause");
        assert!(!rest.contains(cause), "{text}");
        assert!(
            text.ends_with(" not checked. The probe can't be used: see above.\n"),
            "{text}"
        );
        let error = String::from_utf8(output.stderr).expect("text");
        assert_eq!(error, "doorward: the probe can't be used\n");
        assert_eq!(output.status.code(), Some(1));
    }
}

#[tokio::test]
async fn a_probe_that_strangers_can_not_see_names_the_rule_for_it() {
    let clinic = Clinic::with(&[]).await;
    let words = ["--probe", "/seen?as=json"];
    let told = clinic.diagnose_without_configuration(&words, "").await;
    let probe = told.fact("probe");
    assert!(
        probe.starts_with("/seen?as=json: answered 401; a stranger must see it:"),
        "{probe}"
    );
    assert!(
        probe.contains("{ path = \"/seen\", access = \"public\" }"),
        "{probe}"
    );
}

#[tokio::test]
async fn the_last_line_says_how_much_was_looked_at() {
    let clinic = Clinic::with(&[]).await;
    let last = async |words: &[&str]| {
        let output = clinic.diagnose_in_words(words).await;
        let text = String::from_utf8(output.stdout).expect("text");
        let checked = text
            .lines()
            .filter(|line| line.starts_with("  ok "))
            .count();
        let last = text.lines().last().expect("a line").to_owned();
        (checked, last)
    };
    let (checked, told) = last(&[]).await;
    assert_eq!(
        told,
        format!(
            "Nothing wrong; {checked} checked, 11 not checked. --probe would show more: docs/doctor.md."
        )
    );
    let (checked, told) = last(&["--probe", PROBE]).await;
    assert_eq!(
        told,
        format!("Nothing wrong; {checked} checked, 2 not checked.")
    );
}

#[tokio::test]
async fn the_lines_are_those_of_the_proxy_that_is_named() {
    let clinic = Clinic::with(&[WRONG]).await;
    for name in ["nginx", "traefik", "caddy", "haproxy", "envoy"] {
        let told = clinic.diagnose(&["--proxy", name, "--probe", PROBE]).await;
        told.assert_wrong(&["identity"]);
        let quotes = told.finding()["mend"]["lines"].as_array().expect("lines");
        assert_eq!(quotes.len(), 1);
        assert_eq!(quotes[0]["proxy"], name);
        assert!(
            quotes[0].to_string().to_lowercase().contains("x-userid"),
            "{quotes:?}"
        );
    }
}

#[tokio::test]
async fn where_no_proxy_is_recognised_there_are_lines_for_each() {
    // Doorward's own listener, without any proxy.
    let doorward = doorward::Doorward::builder().start().await;
    let output = doorward
        .command(&["doctor", doorward.public(), "--json"])
        .await;
    let told = super::site::Told::new(output);
    told.assert_wrong(&["protected"]);
    let quotes = told.finding()["mend"]["lines"].as_array().expect("lines");
    let names: Vec<_> = quotes
        .iter()
        .map(|quote| quote["proxy"].as_str().expect("a name"))
        .collect();
    assert_eq!(names, ["nginx", "traefik", "caddy", "haproxy", "envoy"]);
}

#[tokio::test]
async fn an_address_that_does_not_answer_says_what_would_be_right() {
    let closed = format!("http://localhost:{}", free_port());
    for (url, says) in [
        (closed.as_str(), "start the proxy"),
        ("http://nobody.invalid", "--connect-to"),
    ] {
        let output = doorward::run(None, &["doctor", url]).await;
        let error = String::from_utf8(output.stderr).expect("text");
        assert_eq!(output.status.code(), Some(1), "{error}");
        assert!(error.contains(says), "{error}");
        assert_eq!(output.stdout, b"");
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_trusts_says_so() {
    let clinic = Clinic::over_tls("shop.example.com", &[]).await;
    let found = clinic.found();
    let output = clinic.diagnose_in_words(&["--connect-to", &found[1]]).await;
    let error = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains("--ca FILE"), "{error}");
}

#[tokio::test]
async fn wrong_words_are_exit_code_2() {
    let key = doorward::run(None, &["key", "generate"]).await.stdout;
    let key = String::from_utf8(key).expect("text");
    let toml = format!(
        "[apps.shop]\nhosts = [\"localhost\"]\nkeys = [\"{}\"]\nrules = [\n\
         {{ path = \"/news/*\", access = \"optional\" }},\n{{ path = \"/about\", access = \"public\" }},\n\
         {{ path = \"/internal/*\", access = \"deny\" }},\n]\n",
        key.trim_end()
    );
    for (words, says) in [
        (&["localhost:8000"][..], "write http://localhost:8000"),
        (&["shop.example.com/a"], "write https://shop.example.com/a"),
        (
            &["http://localhost:8000/news/x"],
            "the rules of shop say optional for /news/x: name a page that needs a session, or none",
        ),
        (
            &["http://localhost:8000/about?a=b"],
            "say public for /about:",
        ),
        (
            &["http://localhost:8000/internal/x"],
            "say deny for /internal/x:",
        ),
        (&["http://localhost:8000/login"], "say public for /login:"),
        (&["http://localhost:8000", "--ca", "/nope"], "/nope"),
        (&["http://localhost:8000", "--app", "blog"], "it has shop"),
        (
            &["http://shop.example.com", "--app", "shop"],
            "it has localhost",
        ),
        (
            &["http://localhost:8000", "--probe", "/seen"],
            "access = \"public\"",
        ),
        (&["http://localhost:8000", "--probe", "seen"], "/"),
        (
            &["http://localhost:8000", "--connect-to", "there"],
            "203.0.113.5:443",
        ),
        (&["http://localhost:8000", "--proxy", "apache"], "nginx"),
    ] {
        let output = doorward::run(Some(&toml), &[&["doctor"], words].concat()).await;
        let error = String::from_utf8(output.stderr).expect("text");
        assert_eq!(output.status.code(), Some(2), "{words:?}: {error}");
        assert!(error.contains(says), "{words:?}: {error}");
    }
}
