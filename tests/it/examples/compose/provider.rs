//! The pretend provider beside the others: what the file says, with Doorward and the provider as it starts them.

use std::process::Command;

use serde_json::Value;

use super::{judged, texts};
use crate::demo::town::come_in_as;
use crate::support::doorward::Doorward;
use crate::support::http::{Jar, navigate, try_get};
use crate::support::ports::free_port;
use crate::support::process::{Process, eventually};

fn file() -> Value {
    judged("examples/compose/provider.yaml")
}

#[test]
fn it_may_do_as_little_as_the_others() {
    let file = file();
    let town = &file["services"]["town-id"];
    assert_eq!(town["read_only"], Value::Bool(true));
    assert_eq!(texts(&town["cap_drop"]), ["ALL"]);
    assert_eq!(texts(&town["security_opt"]), ["no-new-privileges:true"]);
    assert!(
        texts(&town["ports"])
            .iter()
            .all(|port| port.starts_with("127.0.0.1:"))
    );
    // Whoever is on `door` may ask Doorward.
    assert!(town["networks"].get("door").is_none() && town["networks"].get("store").is_none());
    assert_eq!(file["networks"]["town"]["internal"], Value::Bool(true));
}

#[tokio::test]
async fn somebody_comes_in_by_it() {
    let file = file();
    let environment = file["services"]["doorward"]["environment"]
        .as_object()
        .expect("variables");
    let issuer = environment["DOORWARD__PROVIDERS__TOWN_ID__ISSUER"]
        .as_str()
        .expect("a text");
    let port = free_port();
    // Only the engine's own name service knows the container.
    let placed = |text: &str| text.replace(issuer, &format!("http://127.0.0.1:{port}"));
    let command = texts(&file["services"]["town-id"]["command"]);
    let words = command
        .iter()
        .map(|word| placed(word).replace("0.0.0.0:9000", &format!("127.0.0.1:{port}")));
    let mut provider = Command::new(env!("CARGO_BIN_EXE_doorward"));
    provider.args(words);
    let folder = tempfile::tempdir().expect("folder");
    let provider = Process::start(&provider, "TERM", &folder.path().join("log"));
    eventually("the provider", async || {
        try_get(&format!("http://127.0.0.1:{port}/keys")).await
    })
    .await;
    assert!(
        provider
            .log()
            .contains("lets everybody be whoever they like"),
        "{}",
        provider.log()
    );

    let mut builder = Doorward::builder();
    for (name, value) in environment {
        builder = builder.environment(name, &placed(value.as_str().expect("a text")));
    }
    let doorward = builder.start().await;
    let page = navigate(&format!("{}/login", doorward.public()), &[]).await;
    assert!(page.body.contains("Sign in with Town ID"), "{}", page.body);
    let mut jar = Jar::default();
    let answer = come_in_as(doorward.public(), "reader", &mut jar).await;
    assert_eq!(
        (answer.status.as_u16(), answer.location()),
        (303, Some("/members")),
        "{}",
        answer.body
    );
    let account = navigate(
        &format!("{}/account", doorward.public()),
        &[("cookie", &jar.line())],
    )
    .await;
    assert!(
        account.body.contains("reader@example.com"),
        "{}",
        account.body
    );
}
