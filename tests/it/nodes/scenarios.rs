//! What must hold on any store, told with nothing but nodes.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::time::Duration;

use super::{Nodes, asked, became};
use crate::operator::{operate, operate_with};
use crate::support::doorward::Doorward;
use crate::support::http::post_json;
use crate::visitor::{PASSWORD, sign_in};

const EMAIL: &str = "ann@example.com";
const OTHER: &str = "bob@example.com";

/// The issue allows a tenth of a second on a live link.
const SOON: Duration = Duration::from_millis(100);

/// All of the following.
pub(crate) async fn everything_that_ends_sessions(nodes: &Nodes) {
    nodes.registered(EMAIL).await;
    let bystander = nodes.registered(OTHER).await;
    logout(nodes).await;
    command_that_revokes_one(nodes).await;
    command_that_revokes_all(nodes).await;
    password_by_command(nodes).await;
    disabled(nodes).await;
    for node in nodes.all() {
        assert_eq!(asked(node, "/private", &bystander).await, 200);
    }
    roles(nodes).await;
    deleted(nodes).await;
    for node in nodes.all() {
        assert_eq!(asked(node, "/private", &bystander).await, 200);
    }
}

/// Signing out at one node is known at all, and mostly within a tenth of a second.
async fn logout(nodes: &Nodes) {
    let mut quickest = Duration::MAX;
    for _ in 0..10 {
        let cookie = nodes.signed_in(EMAIL).await;
        sign_out(nodes.first(), &cookie).await;
        assert_eq!(asked(nodes.first(), "/private", &cookie).await, 401);
        let took = nodes.denied(&cookie).await;
        println!("signed out everywhere after {took:?}");
        quickest = quickest.min(took);
    }
    assert!(quickest < SOON, "{quickest:?}");
}

pub(crate) async fn sign_out(node: &Doorward, cookie: &str) {
    let url = format!("{}/logout", node.public());
    let answer = post_json(&url, &[("cookie", cookie)], &json!({})).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

async fn command_that_revokes_one(nodes: &Nodes) {
    let cookie = nodes.signed_in(EMAIL).await;
    let list = ["session", "list", EMAIL, "--json"];
    let listed = nodes.first().command(&list).await;
    let listed: Vec<Value> = serde_json::from_slice(&listed.stdout).expect("JSON");
    let handle = listed[0]["session"].as_str().expect("a handle");
    operate(nodes.first(), &["session", "revoke", EMAIL, handle]).await;
    nodes.denied(&cookie).await;
}

async fn command_that_revokes_all(nodes: &Nodes) {
    let cookies = [nodes.signed_in(EMAIL).await, nodes.signed_in(EMAIL).await];
    operate(nodes.first(), &["session", "revoke", EMAIL, "--all"]).await;
    for cookie in &cookies {
        nodes.denied(cookie).await;
    }
}

async fn password_by_command(nodes: &Nodes) {
    let cookie = nodes.signed_in(EMAIL).await;
    let words = ["user", "set-password", EMAIL];
    operate_with(nodes.first(), &words, "velvet-anchor-thirty-9\n").await;
    nodes.denied(&cookie).await;
    operate_with(nodes.first(), &words, &format!("{PASSWORD}\n")).await;
}

/// Disabled is out at once; enabled again, sessions from before do not come back.
async fn disabled(nodes: &Nodes) {
    let cookie = nodes.signed_in(EMAIL).await;
    operate(nodes.first(), &["user", "disable", EMAIL]).await;
    nodes.denied(&cookie).await;
    operate(nodes.first(), &["user", "enable", EMAIL]).await;
    nodes.denied(&cookie).await;
    nodes.signed_in(EMAIL).await;
}

/// Roles that were given or taken count at every node, for the session there is.
async fn roles(nodes: &Nodes) {
    let cookie = nodes.signed_in(EMAIL).await;
    for (words, status) in [
        (&["user", "set-roles", EMAIL, "staff"][..], 200),
        (&["user", "set-roles", EMAIL], 403),
        (&["user", "set-roles", EMAIL, "admin", "staff"], 200),
    ] {
        operate(nodes.first(), words).await;
        let all = nodes.all().iter();
        join_all(all.map(|node| became(node, "/staff", &cookie, status))).await;
        for node in nodes.all() {
            assert_eq!(asked(node, "/private", &cookie).await, 200);
        }
    }
}

async fn deleted(nodes: &Nodes) {
    let cookie = nodes.signed_in(EMAIL).await;
    operate(nodes.first(), &["user", "delete", EMAIL, "--yes"]).await;
    nodes.denied(&cookie).await;
}

/// A session is known at a node that it was not begun at, and a use at one node keeps it alive at all.
pub(crate) async fn begun_anywhere(nodes: &Nodes) {
    nodes.registered(EMAIL).await;
    for node in nodes.all() {
        let cookie = sign_in(node, &[], EMAIL).await.cookie("SESSION").pair();
        for other in nodes.all() {
            assert_eq!(asked(other, "/private", &cookie).await, 200);
        }
        sign_out(nodes.others().last().unwrap_or(node), &cookie).await;
        nodes.denied(&cookie).await;
    }
}
