//! A collector that is down, hangs or fails changes nothing for anybody who is served.

use super::collector::{Collector, Manner};
use super::{ask, start, traceparent};
use crate::support::doorward::Doorward;
use crate::support::http::{navigate, raw};
use crate::support::process::eventually;

/// More questions than spans fit into the queue and under way, over one connection.
const MANY: usize = 3000;

/// Asks `MANY` times on each of two connections; how many were allowed.
async fn storm(doorward: &Doorward) -> usize {
    let address = doorward.internal().trim_start_matches("http://");
    let question = |end: &str| {
        format!(
            "GET /verify/nginx HTTP/1.1\r\nHost: x\r\nX-Original-Method: GET\r\n\
             X-Original-URL: http://localhost/open\r\n{end}\r\n"
        )
    };
    let many = question("").repeat(MANY - 1);
    let bytes = format!("{many}{}", question("Connection: close\r\n"));
    let answers = [
        raw(address, bytes.as_bytes()).await,
        raw(address, bytes.as_bytes()).await,
    ];
    let allowed = |answer: &Vec<u8>| {
        String::from_utf8_lossy(answer)
            .matches("HTTP/1.1 200")
            .count()
    };
    answers.iter().map(allowed).sum()
}

async fn goes_on_serving(doorward: &Doorward) {
    assert_eq!(storm(doorward).await, 2 * MANY);
    assert_eq!(ask(doorward, "/shut", &[]).await, 403);
    let page = navigate(&format!("{}/login", doorward.public()), &[]).await;
    assert_eq!(page.status, 200);
}

#[tokio::test]
async fn a_collector_that_hangs_or_fails_holds_nobody_up() {
    for manner in [Manner::Hangs, Manner::Fails] {
        let collector = Collector::start(manner).await;
        let mut doorward = start(&collector).await;
        goes_on_serving(&doorward).await;
        eventually("an attempt", async || {
            (collector.requests() > 0).then_some(())
        })
        .await;
        goes_on_serving(&doorward).await;
        eventually("the log to say so", async || {
            doorward.log().contains("spans can't be sent").then_some(())
        })
        .await;
        collector.turn(Manner::Takes);
        eventually("the collector's recovery", async || {
            ask(&doorward, "/open", &[]).await;
            let told = doorward.log().contains("spans are sent again");
            (told && !collector.spans().is_empty()).then_some(())
        })
        .await;
        let said = doorward.log().matches("spans can't be sent").count();
        assert_eq!(said, 1, "once and not each time: {}", doorward.log());
        assert_eq!(doorward.stop().await, 0);
    }
}

#[tokio::test]
async fn a_process_ends_although_its_collector_hangs() {
    let collector = Collector::start(Manner::Hangs).await;
    let mut doorward = start(&collector).await;
    goes_on_serving(&doorward).await;
    eventually("an attempt", async || {
        (collector.requests() > 0).then_some(())
    })
    .await;
    assert_eq!(doorward.stop().await, 0);
}

#[tokio::test]
async fn a_collector_that_is_not_there_is_no_reason_not_to_start() {
    // A port that was free a moment ago, and a name that nobody has.
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("loopback");
    let address = free.local_addr().expect("bound");
    drop(free);
    for collector in [address.to_string(), "collector.invalid:4318".to_owned()] {
        let toml = format!("[log]\ntraces = \"http://{collector}\"\n{}", super::RULES);
        let mut doorward = Doorward::builder().toml(&toml).start().await;
        goes_on_serving(&doorward).await;
        eventually("the log to say so", async || {
            doorward.log().contains("spans can't be sent").then_some(())
        })
        .await;
        assert_eq!(doorward.stop().await, 0);
    }
}

#[tokio::test]
async fn the_last_spans_are_sent_when_the_process_ends() {
    let collector = Collector::start(Manner::Takes).await;
    let mut doorward = start(&collector).await;
    let parent = traceparent("01");
    for _ in 0..600 {
        assert_eq!(
            ask(&doorward, "/open", &[("traceparent", &parent)]).await,
            200
        );
    }
    assert_eq!(doorward.stop().await, 0);
    assert_eq!(collector.spans().len(), 600);
}
