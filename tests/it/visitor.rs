//! What a visitor does at the pages, for tests that begin with somebody signed in.

use serde_json::{Value, json};

use super::support::doorward::Doorward;
use super::support::http::{Answer, get, post_json};
use super::support::process::eventually;

/// Long and unusual enough for anybody.
pub(crate) const PASSWORD: &str = "plum-orbit-lantern-42";

/// The host of an app on https, for configurations that have one.
pub(crate) const SHOP: (&str, &str) = ("host", "shop.example.com");

/// One app on https.
pub(crate) const SHOP_TOML: &str = r#"
    [apps.shop]
    hosts = ["shop.example.com"]
"#;

/// Two apps that share people and their sign-in.
pub(crate) const SHARED_TOML: &str = r#"
    [apps.shop]
    hosts = ["shop.example.com"]
    users = "people"
    keys = ["44a22b41ccccfc05c5693e1d60b80d7287cc3cffd8658a8ba478cb690e6319e2"]
    [apps.blog]
    hosts = ["blog.example.com"]
    users = "people"
    keys = ["256de690986178265c5cbeeccba523303002a57f77ef316bf39f405b74f52fe4"]
    [pools.people]
    cookie_domain = "example.com"
    login_host = "login.example.com"
"#;

/// An address and the usual password, as JSON.
pub(crate) fn credentials(email: &str) -> Value {
    json!({ "email": email, "password": PASSWORD })
}

/// Registers with the usual password; the answer is a success.
pub(crate) async fn register(doorward: &Doorward, headers: &[(&str, &str)], email: &str) -> Answer {
    let url = format!("{}/register", doorward.public());
    let answer = post_json(&url, headers, &credentials(email)).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer
}

/// Signs in with the usual password; the answer is a success.
pub(crate) async fn sign_in(doorward: &Doorward, headers: &[(&str, &str)], email: &str) -> Answer {
    let url = format!("{}/login", doorward.public());
    let answer = post_json(&url, headers, &credentials(email)).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer
}

/// Registers on an app without https; the cookie, as a browser sends it back.
pub(crate) async fn registered(doorward: &Doorward, email: &str) -> String {
    register(doorward, &[], email)
        .await
        .cookie("SESSION")
        .pair()
}

/// Who is signed in with this cookie, if anybody is. Page and verification must agree.
pub(crate) async fn who(doorward: &Doorward, cookie: &str) -> Option<String> {
    let page = get(
        &format!("{}/login/session", doorward.public()),
        &[("cookie", cookie)],
    )
    .await;
    let subject = match page.status.as_u16() {
        200 => page.json()["user_id"].as_str().map(str::to_owned),
        401 => None,
        other => panic!("{other}: {}", page.body),
    };
    let original = format!("{}/private", doorward.public());
    let headers = [
        ("x-original-method", "GET"),
        ("x-original-url", &original),
        ("cookie", cookie),
    ];
    let verified = get(&format!("{}/verify/nginx", doorward.internal()), &headers).await;
    let signed = verified
        .header("x-userid")
        .and_then(|id| id.split('.').next());
    assert_eq!(signed, subject.as_deref(), "{}", verified.status);
    assert_eq!(
        verified.status.as_u16(),
        if subject.is_some() { 200 } else { 401 }
    );
    subject
}

/// Waits until nobody is signed in with this cookie. What a command or a person ends, Doorward hears of in a moment.
pub(crate) async fn gone(doorward: &Doorward, cookie: &str) {
    let original = format!("{}/private", doorward.public());
    let headers = [
        ("x-original-method", "GET"),
        ("x-original-url", &original),
        ("cookie", cookie),
    ];
    eventually("the session to be over", async || {
        let url = format!("{}/verify/nginx", doorward.internal());
        let verified = get(&url, &headers).await;
        (verified.status == 401).then_some(())
    })
    .await;
    assert_eq!(who(doorward, cookie).await, None);
}
