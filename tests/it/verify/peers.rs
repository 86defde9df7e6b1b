//! Only listed peers may ask.

use std::net::Ipv4Addr;

use super::case::Case;
use super::dialect::ENDPOINTS;
use super::exchange::send_from;
use super::verdict::Outcome::{Anonymous, Forbidden};
use super::verdict::assert_reply;
use super::world::World;
use crate::support::doorward::Doorward;

#[tokio::test]
async fn threat_04_an_unlisted_peer_is_refused_whatever_it_claims() {
    let server = "[server]\ntrusted_proxies = [\"127.0.0.9/32\", \"192.0.2.0/24\"]\n";
    let world = World::start_with(Doorward::builder(), server).await;
    let claims = Case::get("shop", "https://shop.example.com/open/x")
        .header("X-Forwarded-For", "127.0.0.9")
        .header("X-Real-IP", "127.0.0.9")
        .header("Forwarded", "for=127.0.0.9;by=127.0.0.9")
        .header("X-Forwarded-Server", "127.0.0.9");
    for endpoint in ENDPOINTS {
        let request = endpoint.subrequest(&claims);
        for (source, outcome) in [(1, Forbidden), (9, Anonymous), (10, Forbidden)] {
            let source = Ipv4Addr::new(127, 0, 0, source).into();
            let reply = send_from(source, world.internal(), &request).await;
            assert_reply(endpoint, &claims, &reply, &outcome);
        }
    }
}

#[tokio::test]
async fn threat_05_a_listed_peer_is_asked_for_nothing_else() {
    // The proxy's own address counts, not the client's that it reports.
    let world = World::start().await;
    let case = Case::get("shop", "https://shop.example.com/open/x")
        .header("X-Forwarded-For", "203.0.113.7, 198.51.100.2")
        .header("X-Forwarded-For", "garbage");
    world.expect(&case, Anonymous).await;
}
