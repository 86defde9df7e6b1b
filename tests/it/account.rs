//! `/account`.

use super::support::doorward::Doorward;
use super::support::http::{navigate, post_form};
use super::visitor::registered;

#[tokio::test]
async fn the_page_says_who_is_signed_in() {
    let doorward = Doorward::builder().start().await;
    let cookie = registered(&doorward, "ann@example.com").await;
    let page = navigate(
        &format!("{}/account", doorward.public()),
        &[("cookie", &cookie)],
    )
    .await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("ann@example.com"));
    assert!(page.body.contains(r#"action="/logout""#), "the way out");
    assert!(page.cookies().is_empty());
}

#[tokio::test]
async fn nobody_is_sent_to_sign_in_and_back() {
    let toml = "[server]\nbase_path = \"/auth\"";
    for (toml, base) in [("", ""), (toml, "/auth")] {
        let doorward = Doorward::builder().toml(toml).start().await;
        let url = format!("{}{base}/account", doorward.public());
        let login = format!("{base}/login?rd={}%2Faccount", base.replace('/', "%2F"));
        let answer = navigate(&url, &[]).await;
        assert_eq!(
            (answer.status.as_u16(), answer.location()),
            (303, Some(login.as_str()))
        );
        assert!(answer.cookies().is_empty());
        let answer = navigate(&url, &[("cookie", "SESSION=AAAAAAAAAAAAAAAAAAAAAA")]).await;
        assert_eq!(answer.status, 303);
        assert_eq!(
            answer.cookie("SESSION").value,
            "",
            "what is no session is taken back"
        );
    }
}

#[tokio::test]
async fn looking_is_all_it_does() {
    let doorward = Doorward::builder().start().await;
    let cookie = registered(&doorward, "ann@example.com").await;
    let url = format!("{}/account", doorward.public());
    let answer = post_form(&url, &[("cookie", &cookie)], &[]).await;
    assert_eq!(answer.status, 405);
}
