//! Several nodes, and sessions in Redis: a sign-in may begin at one node and come back at another.

use futures_util::future::join_all;
use serde_json::json;

use super::super::support::doorward::random_hex;
use super::super::support::http::post_form;
use super::super::support::postgres;
use super::super::support::process::eventually;
use super::super::support::provider::Provider;
use super::super::support::redis::Redis;
use super::{Browser, Doorward, SHOP};

/// Two nodes with the same database and what `sections` say.
async fn two(sections: &str) -> (Provider, [Doorward; 2]) {
    let provider = Provider::start(&[format!("{SHOP}/login/id/callback")]).await;
    let toml = format!(
        "[apps.shop]\nhosts = [\"shop.example.com\"]\nkeys = [\"{}\"]\n[database]\nurl = {:?}\n{sections}{}",
        random_hex(),
        postgres::database().await,
        provider.section("id", "")
    );
    let start = || Doorward::builder().toml(&toml).start();
    let (one, other) = tokio::join!(start(), start());
    (provider, [one, other])
}

/// The same browser, sent to another node.
fn moved(browser: &Browser, node: &Doorward) -> Browser {
    let mut other = Browser::at(node, "shop.example.com");
    other.jar = browser.jar.clone();
    other
}

#[tokio::test]
async fn threat_36_it_comes_back_at_another_node_and_once_among_all() {
    let (provider, [one, other]) = two("").await;
    let mut browser = Browser::at(&one, "shop.example.com");
    let there = browser.begin("/login/id?rd=%2Fback").await;
    let back = provider.walk(&there, "ann").await;
    let nodes = [&one, &other, &one, &other, &one, &other];
    let tabs = nodes.map(|node| moved(&browser, node));
    let callbacks = tabs.into_iter().map(|mut tab| {
        let back = back.clone();
        async move {
            let answer = tab.open(&back).await;
            (answer.status.as_u16(), tab)
        }
    });
    let answers = join_all(callbacks).await;
    let signed_in: Vec<_> = answers
        .iter()
        .filter(|(status, _)| *status == 303)
        .collect();
    assert_eq!(
        signed_in.len(),
        1,
        "{:?}",
        answers.iter().map(|(status, _)| status).collect::<Vec<_>>()
    );
    let user = signed_in[0].1.user().await;
    assert!(user.is_some());
    for node in [&one, &other] {
        assert_eq!(
            moved(&signed_in[0].1, node).user().await,
            user,
            "known at every node"
        );
    }
}

#[tokio::test]
async fn threat_18_a_provider_ends_a_session_at_every_node_wherever_it_is_kept() {
    let redis = Redis::start().await;
    for sessions in [
        String::new(),
        format!(
            "[sessions]\nstore = \"redis\"\nredis_url = \"{}\"\n",
            redis.url()
        ),
    ] {
        let (provider, [one, other]) = two(&sessions).await;
        let mut browser = Browser::at(&one, "shop.example.com");
        browser.sign_in(&provider, "/login/id", "ann").await;
        let elsewhere = moved(&browser, &other);
        assert!(browser.user().await.is_some() && elsewhere.user().await.is_some());
        let wanted = json!({ "client_id": "doorward", "sub": "ann" });
        let token = provider.control("logout_token", wanted).await;
        let url = format!("{}/logout/id/backchannel", other.public());
        let fields = [(
            "logout_token",
            token["logout_token"].as_str().expect("a token"),
        )];
        let answer = post_form(&url, &[("host", "shop.example.com")], &fields).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        for browser in [&browser, &elsewhere] {
            eventually("the session to be over", async || {
                browser.user().await.is_none().then_some(())
            })
            .await;
        }
    }
}
