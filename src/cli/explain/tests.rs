//! What people read, for requests of every kind. That the answers are the server's own is tested against a real one.

use clap::Parser;

use super::*;

const TOML: &str = r#"
[apps.shop]
hosts = ["shop.example.com"]
users = "people"
keys = ["6b8f1c0e54d7a3828e0c41f7b6d925ea137cd05b98e46f2a70b3c98d15fe6a24"]
default_access = "public"
rules = [
    { path = "/admin", access = "user", roles = ["admin"] },
    { path = "/admin/*", access = "user", roles = ["admin", "staff"] },
    { path = "/form", methods = ["GET"], access = "public" },
    { path = "/form", access = "user" },
    { path = "/docs/*", access = "public" },
    { path = "/docs", access = "user" },
    { path = "/docs/old/*", access = "deny" },
    { path = "/internal/*", access = "deny" },
    { path = "/maybe", access = "optional" },
]

[apps.bound]
hosts = ["bound.example.com:8443", "http://bound.localhost"]
keys = ["71d5a30c9be84f2617c05dfa9382be6410f7acd9253e8b416f90d2c7ea5813b4"]
binding = "request"
login_page = "/signin.html"

[apps.front]
hosts = ["*.pages.suite.example.com"]
public_url = "https://www.pages.suite.example.com"
users = "suite"
keys = ["0c94e7b1835dfa2690cb47e16f38d25a7eb90c64d1f5823ab69e70c41d8f52a3"]

[pools.suite]
cookie_domain = "suite.example.com"
login_host = "login.suite.example.com"
"#;

#[derive(Debug, Parser)]
struct Line {
    #[command(flatten)]
    arguments: Arguments,
}

fn config(more: &str) -> Config {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("doorward.toml");
    std::fs::write(&file, format!("{more}\n{TOML}")).unwrap();
    Config::load(Some(&file), []).unwrap()
}

async fn told(config: &Config, words: &str) -> String {
    let words = std::iter::once("explain").chain(words.split(' '));
    let line = Line::try_parse_from(words).unwrap();
    explain(line.arguments, config).await.unwrap()
}

#[tokio::test]
async fn an_explanation_reads_well() {
    let text = told(
        &config(""),
        r"GET https://shop.example.com/x/..%2fAdmin/?q=1 --role staff",
    )
    .await;
    let expected = r"GET https://shop.example.com/x/..%2fAdmin/?q=1

app shop
  entry        shop.example.com, with https
  users        the pool people; a session of this app alone counts
  binding      app: an X-UserId counts for any request to the app
  asked at     /verify/<proxy>/shop

how the path is judged (* decides)
  READING                     COVERED BY        ACCESS
  /x/..%2fAdmin/              default_access    public
  /Admin/                     default_access    public
* /Admin/ in any letter case  rule 2  /admin/*  user with the role admin or staff
* /Admin/ in any letter case, with or without a / behind it
                              rule 1  /admin    user with the role admin
  /x/../Admin/                default_access    public
so a signed-in user with the role admin or staff, and with the role admin may pass

what the proxy is told        nginx, haproxy     traefik, caddy, envoy
  nobody, a browser           401 with Location  302 to the sign-in
  nobody, a script            401                401, JSON
  nobody, a WebSocket         401                401, JSON
  a user without roles        403                403, a page
  a user with the role staff  403                403, a page

sign-in at
  https://shop.example.com/login?rd=%2Fx%2F..%252fAdmin%2F%3Fq%3D1

notes
  - The path can be read in 3 ways. Proxy, Doorward and app may not agree on one, so each is judged
    and the strictest holds.
  - Several readings ask for roles: a user needs one of each.
";
    assert_eq!(text, expected, "{text}");
}

#[tokio::test]
async fn who_may_pass_is_said_in_a_sentence() {
    let config = config("");
    for (words, sentence) in [
        ("GET https://shop.example.com/", "so everybody may pass"),
        (
            "GET https://shop.example.com/maybe",
            "so everybody may pass",
        ),
        (
            "GET https://shop.example.com/internal/x",
            "so nobody may pass",
        ),
        (
            "PUT https://shop.example.com/form",
            "so a signed-in user may pass",
        ),
        (
            "GET https://shop.example.com/admin",
            "so a signed-in user with the role admin may pass",
        ),
        (
            "GET https://shop.example.com/%00",
            "the request is refused: the path holds an encoded control character",
        ),
        (
            "GET https://shop.example.com/%zz",
            "the request is refused: the path is not encoded properly",
        ),
        (
            "GET https://shop.example.com/ü",
            "the request is refused: it holds a character that must be encoded",
        ),
    ] {
        let text = told(&config, words).await;
        assert!(text.lines().any(|line| line == sentence), "{words}\n{text}");
    }
}

#[tokio::test]
async fn what_an_operator_should_know_is_noted() {
    let config = config("");
    for (words, codes) in [
        ("GET https://shop.example.com/admin", &[][..]),
        ("GET https://shop.example.com/Admin", &["letter_case"]),
        ("GET http://shop.example.com/admin", &["scheme"]),
        ("GET wss://shop.example.com/admin", &[]),
        ("GET https://shop.example.com/admin --role admin", &[]),
        (
            "GET https://shop.example.com/admin --role chef",
            &["role_not_used"],
        ),
        ("GET https://shop.example.com/docs/", &["trailing_slash"]),
        ("GET https://shop.example.com/docs/x", &["session_not_read"]),
        (
            "GET https://shop.example.com/docs/old/x",
            &["later_rule", "session_not_read"],
        ),
        (
            "GET https://shop.example.com/form",
            &["later_rule", "session_not_read"],
        ),
        ("POST https://shop.example.com/form", &["other_method"]),
        (
            "GET https://shop.example.com/x//y",
            &["several_readings", "session_not_read"],
        ),
        (
            "GET https://shop.example.com//admin",
            &["several_readings", "no_way_back"],
        ),
        ("GET https://shop.example.com/login", &["own_page"]),
        ("GET https://a.pages.suite.example.com/login", &[]),
        (
            "GET https://a.pages.suite.example.com:444/",
            &["no_way_back"],
        ),
        (
            "GET https://bound.example.com:8443/signin.html",
            &["own_page"],
        ),
        ("GET https://bound.example.com/", &["unknown_host"]),
        (
            "GET https://login.suite.example.com/login",
            &["sign_in_host"],
        ),
        ("GET https://shop.example.com/ü", &["not_ascii"]),
    ] {
        let json = told(&config, &format!("{words} --json")).await;
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        let notes = json["notes"].as_array().unwrap();
        let found: Vec<_> = notes
            .iter()
            .map(|note| note["code"].as_str().unwrap())
            .collect();
        assert_eq!(found, codes, "{words}\n{json:#}");
    }
}

#[tokio::test]
async fn an_unknown_host_has_a_nearest_one() {
    let config = config("");
    for (host, nearest) in [
        (
            "shop.exampel.com",
            "  nearest      shop.example.com of the app shop",
        ),
        (
            "bound.example.com",
            "  nearest      bound.example.com:8443 of the app bound, on another port",
        ),
        (
            "a.b.pages.suite.example.com",
            "  nearest      *.pages.suite.example.com of the app front, where * is exactly one label",
        ),
        (
            "pages.suite.example.com",
            "  nearest      *.pages.suite.example.com of the app front, where * is exactly one label",
        ),
        (
            "login.suite.example.com",
            "  it is        the host of the sign-in pages of the pool suite",
        ),
    ] {
        let text = told(&config, &format!("GET https://{host}/x")).await;
        assert!(
            text.contains(&format!("no app has the host {host}\n{nearest}\n")),
            "{text}"
        );
        assert!(text.contains("\n  nobody, a browser     403 "), "{text}");
        assert!(!text.contains("a user"), "{text}");
    }
}

#[tokio::test]
async fn a_binding_to_the_request_says_what_the_app_must_see() {
    let config = config("");
    let text = told(&config, "GET http://BOUND.localhost:80/%2e/x?y=1").await;
    let expected = "GET, bound.localhost and /%2e/x?y=1";
    assert!(text.lines().any(|line| line.trim() == expected), "{text}");
}

#[tokio::test]
async fn where_no_proxy_is_trusted_each_is_told_403() {
    let nobody = config("[server]\ntrusted_proxies = []\n");
    let text = told(&nobody, "GET https://shop.example.com/x").await;
    assert!(
        text.contains("  - server.trusted_proxies is empty"),
        "{text}"
    );
    assert!(text.contains("  nobody, a browser     403 "), "{text}");
    let far = config("[server]\ntrusted_proxies = [\"10.9.0.0/16\"]\n");
    let text = told(&far, "GET https://shop.example.com/x").await;
    assert!(text.contains("200, anonymous"), "{text}");
}

#[tokio::test]
async fn threat_25_a_path_can_neither_steer_the_terminal_nor_hide() {
    let text = told(
        &config(""),
        "GET https://shop.example.com/%e2%80%aegpj.%c2%a0%f0%9f%9a%aa%c3%bc",
    )
    .await;
    assert!(text.contains("/\\u{202e}gpj.\\u{a0}\\u{1f6aa}ü"), "{text}");
    let strange = |c: char| !(c == '\n' || c == ' ' || c.is_ascii_graphic() || c.is_alphanumeric());
    assert!(!text.contains(strange), "{text}");
}

#[tokio::test]
async fn no_line_is_longer_than_a_terminal_where_the_path_is_short() {
    let config = config("");
    for path in [
        "/admin",
        "/Admin/%2e%2e/..;x//docs/",
        "/docs/",
        "/form",
        "/login",
    ] {
        for method in ["GET", "POST", "HEAD", "PURGE"] {
            let words =
                format!("{method} https://shop.example.com{path} --role admin --role staff");
            let text = told(&config, &words).await;
            let long = text.lines().find(|line| line.chars().count() > 100);
            assert_eq!(long, None, "{text}");
        }
    }
}

#[test]
fn a_method_is_in_capitals() {
    assert!(method("PROPFIND").is_ok());
    let error = method("get").unwrap_err();
    assert!(error.contains("write GET"), "{error}");
    for wrong in ["", "G T", "CONNECT", "GET\n", "É"] {
        assert!(method(wrong).is_err(), "{wrong:?}");
    }
}
