//! What is logged, and what never is (THREATS 40).

mod lines;

use serde_json::{Value, json};

use super::support::doorward::{Db, Doorward, run};
use super::support::http::{get, navigate, post_form, post_json, send};
use super::support::process::eventually;
use super::visitor::{PASSWORD, registered, sign_in, who};

const EMAIL: &str = "ann.unmistakable@example.com";
const WRONG: &str = "wrong-orbit-lantern-43";
const RD: &str = "/reset?token=rd-secret-token";

fn toml(format: &str, level: &str) -> String {
    format!("[log]\nformat = \"{format}\"\nlevel = \"{level}\"")
}

/// A day at the door: everything that handles something secret, well and badly. The secrets that were made on the way.
async fn use_everything(doorward: &Doorward) -> Vec<String> {
    let base = doorward.public();
    let first = registered(doorward, EMAIL).await;
    let second = sign_in(doorward, &[("cookie", &first)], EMAIL)
        .await
        .cookie("SESSION")
        .pair();
    sign_in_badly(doorward, &second).await;
    for rd in [RD, "https://evil.example/?token=rd-secret-token"] {
        let query: String = form_urlencoded::byte_serialize(rd.as_bytes()).collect();
        for page in ["/login", "/register", "/logout"] {
            let url = format!("{base}{page}?rd={query}&email={EMAIL}");
            navigate(&url, &[("cookie", &second)]).await;
        }
        let url = format!("{base}/logout?rd={query}");
        post_form(&url, &[("cookie", &first)], &[("rd", rd)]).await;
    }
    let verify = format!("{}/verify/nginx", doorward.internal());
    let original = format!("{base}/private?token=rd-secret-token");
    let asked = [
        ("x-original-method", "GET"),
        ("x-original-url", &original),
        ("cookie", &second),
    ];
    let allowed = get(&verify, &asked).await;
    let identity = allowed.header("x-userid").expect("allowed").to_owned();
    get(&verify, &asked[..2]).await;
    let both = format!("{first}; SESSION=broken-secret-cookie; {second}");
    assert!(who(doorward, &both).await.is_some());
    let values = [&first, &second].map(|cookie| cookie.replace("SESSION=", ""));
    let mac = identity.rsplit('.').next().expect("a mac").to_owned();
    values.into_iter().chain([mac]).collect()
}

/// Sign-ins and registrations that are refused, for every reason there is.
async fn sign_in_badly(doorward: &Doorward, cookie: &str) {
    let login = format!("{}/login", doorward.public());
    let register = format!("{}/register", doorward.public());
    let wrong = [("email", EMAIL), ("password", WRONG), ("rd", RD)];
    post_form(&login, &[], &wrong).await;
    post_form(&register, &[("cookie", cookie)], &wrong).await;
    let listed = json!({ "email": EMAIL, "password": [WRONG] });
    post_json(&login, &[], &listed).await;
    let twice = json!({ "email": format!("{EMAIL}@x"), "password": WRONG });
    post_json(&login, &[], &twice).await;
    let broken = format!("{{\"email\":\"{EMAIL}\",\"password\":\"{PASSWORD}\"");
    let json = [("content-type", "application/json")];
    send("POST", &login, &json, broken).await;
}

async fn nothing_secret_is_logged(format: &str, level: &str, database: Db) {
    let mut doorward = Doorward::builder()
        .toml(&toml(format, level))
        .database(database)
        .start()
        .await;
    let mut secrets = use_everything(&doorward).await;
    let words = [
        PASSWORD,
        WRONG,
        EMAIL,
        "ann.unmistakable",
        "rd-secret-token",
        "broken-secret-cookie",
        "evil.example",
    ];
    secrets.extend(words.map(str::to_owned));
    secrets.push(doorward.key_hex().to_owned());
    assert_eq!(doorward.stop().await, 0);
    let log = doorward.log();
    for secret in secrets {
        assert!(!log.contains(&secret), "{secret} in {log}");
    }
    assert!(log.contains("/login"), "the log was written");
}

#[tokio::test]
async fn threat_40_no_secret_is_logged_as_text() {
    nothing_secret_is_logged("text", "trace", Db::Sqlite).await;
}

#[tokio::test]
async fn threat_40_no_secret_is_logged_as_json() {
    nothing_secret_is_logged("json", "trace", Db::Postgres).await;
}

#[tokio::test]
async fn threat_40_the_password_of_a_database_is_never_told() {
    let config = "
        [server]
        listen = \"127.0.0.1:0\"
        internal_listen = \"127.0.0.1:0\"
        [log]
        level = \"trace\"
        [database]
        url = \"postgres://doorward:database-secret@127.0.0.1:1/none\"
    ";
    let output = run(Some(config), &["serve"]).await;
    assert!(!output.status.success());
    let told = [output.stdout, output.stderr].concat();
    let told = String::from_utf8_lossy(&told);
    assert!(
        !told.is_empty() && !told.contains("database-secret"),
        "{told}"
    );
}

#[tokio::test]
async fn a_denial_says_who_asked_for_what_and_why_it_was_denied() {
    let doorward = Doorward::builder()
        .toml(&toml("json", "info"))
        .start()
        .await;
    let port = doorward
        .public()
        .rsplit(':')
        .next()
        .expect("a port")
        .to_owned();
    let original = format!("{}/private?token=rd-secret-token", doorward.public());
    let asked = [
        ("x-original-method", "DELETE"),
        ("x-original-url", original.as_str()),
        ("x-forwarded-for", "203.0.113.7"),
        ("x-request-id", "from-the-proxy-1"),
    ];
    let url = format!("{}/verify/nginx/app", doorward.internal());
    assert_eq!(get(&url, &asked).await.status, 401);
    assert_eq!(get(&url, &asked[..1]).await.status, 403);
    let denied = eventually("two denials", async || {
        let log = doorward.log();
        let lines = log
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let denied: Vec<_> = lines.filter(|line| line["message"] == "denied").collect();
        (denied.len() == 2).then_some(denied)
    })
    .await;
    let said = |name: &str| denied[0][name].as_str().unwrap_or_default().to_owned();
    assert_eq!(said("reason"), "login_needed");
    assert_eq!(
        (said("dialect"), said("app")),
        ("nginx".into(), "app".into())
    );
    assert_eq!(
        (said("method"), said("path")),
        ("DELETE".into(), "/private".into())
    );
    assert_eq!(said("host"), format!("127.0.0.1:{port}"));
    assert_eq!(said("client"), "203.0.113.7");
    assert_eq!(said("request_id"), "from-the-proxy-1");
    assert_eq!(denied[1]["reason"], "x-original-url is missing");
    assert_eq!(denied[1]["peer"], "127.0.0.1");
}
