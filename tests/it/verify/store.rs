//! A store that is down is not a logout, and never a way in.

use futures_util::future::join_all;
use sqlx::{Connection as _, Executor as _, PgConnection};

use super::case::{Browser, Case};
use super::dialect::ENDPOINTS;
use super::verdict::Outcome::{self, Anonymous, Forbidden, SignIn, Unavailable, User};
use super::world::{Visitor, World};
use crate::support::doorward::Doorward;
use crate::support::http::try_get;
use crate::support::postgres;
use crate::support::process::eventually;
use crate::support::relay::Relay;

/// A node that knows nobody: every question is one to the store. `nodes` has those that know somebody.
const UNKNOWN: &str = "[sessions]\ncache_capacity = 0\n";

/// Doorward on PostgreSQL behind a wire that can be cut, and the database's own URL.
async fn start() -> (World, Relay, String) {
    let url = postgres::database().await;
    let relay = Relay::to(&url);
    let database = format!("{UNKNOWN}[database]\nurl = \"{}\"\n", relay.url(&url));
    let world = World::start_with(Doorward::builder(), &database).await;
    (world, relay, url)
}

/// Asks all endpoints at once: each may have to wait for the store.
async fn expect(world: &World, case: &Case<'_>, outcome: Outcome<'_>) {
    let asked = ENDPOINTS.map(|endpoint| world.expect_at(endpoint, case, &outcome));
    join_all(asked).await;
}

async fn assert_outage(world: &World, visitor: &Visitor) {
    let shop = |url: &'static str| Case::get("shop", url).browser(Browser::Program);
    let closed = shop("https://shop.example.com/x");
    let login = SignIn("https://shop.example.com/login?rd=%2Fx");
    for browser in [Browser::Program, Browser::Navigation] {
        let closed = closed.clone().browser(browser);
        // Nobody to look up: the store is not asked.
        expect(world, &closed, login.clone()).await;
        expect(
            world,
            &closed.clone().cookie("__Host-SESSION=broken"),
            login.clone(),
        )
        .await;
        expect(world, &closed.cookie(&visitor.cookie), Unavailable).await;
    }
    let staff = shop("https://shop.example.com/staff/x").cookie(&visitor.cookie);
    expect(world, &staff, Unavailable).await;
    // Not "anonymous": that would be a logout.
    let maybe = shop("https://shop.example.com/maybe/x");
    expect(world, &maybe, Anonymous).await;
    expect(world, &maybe.cookie(&visitor.cookie), Unavailable).await;
    for open in [
        "https://shop.example.com/open/x",
        "https://shop.example.com/login",
    ] {
        expect(world, &shop(open).cookie(&visitor.cookie), Anonymous).await;
    }
    let never = shop("https://shop.example.com/never/x").cookie(&visitor.cookie);
    expect(world, &never, Forbidden).await;
    let elsewhere = shop("https://evil.example/x").cookie(&visitor.cookie);
    expect(world, &elsewhere, Forbidden).await;
    let ready = try_get(&format!("{}/readyz", world.door.internal())).await;
    assert_eq!(ready.map(|answer| answer.status.as_u16()), Some(503));
    let alive = try_get(&format!("{}/healthz", world.door.internal())).await;
    assert_eq!(alive.map(|answer| answer.status.as_u16()), Some(200));
}

async fn recover(world: &World, visitor: &Visitor) {
    let closed = Case::get("shop", "https://shop.example.com/x").cookie(&visitor.cookie);
    eventually("the store to be found again", async || {
        let reply = world.ask(&ENDPOINTS[0].subrequest(&closed)).await;
        (reply.status == 200).then_some(())
    })
    .await;
    expect(world, &closed, User(&visitor.id)).await;
    let unknown = Case::get("shop", "https://shop.example.com/x")
        .cookie(format!("__Host-SESSION={}A", "x".repeat(21)));
    let login = "https://shop.example.com/login?rd=%2Fx";
    expect(world, &unknown, SignIn(login)).await;
}

#[tokio::test]
async fn threat_21_a_store_that_is_down_is_503_and_comes_back_by_itself() {
    let (world, relay, _) = start().await;
    let visitor = world.register("shop.example.com", "ada@example.com").await;
    for _ in 0..2 {
        relay.cut();
        assert_outage(&world, &visitor).await;
        relay.mend();
        recover(&world, &visitor).await;
    }
}

#[tokio::test]
async fn threat_21_a_store_that_never_answers_is_503_too() {
    let (world, _relay, url) = start().await;
    let visitor = world.register("shop.example.com", "ada@example.com").await;
    let mut operator = PgConnection::connect(&url).await.expect("the cluster runs");
    let mut lock = operator.begin().await.expect("a transaction");
    let statement = lock.execute("LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE");
    statement.await.expect("a lock");
    let closed = Case::get("shop", "https://shop.example.com/x").cookie(&visitor.cookie);
    expect(&world, &closed, Unavailable).await;
    let open = Case::get("shop", "https://shop.example.com/open/x").cookie(&visitor.cookie);
    expect(&world, &open, Anonymous).await;
    lock.rollback().await.expect("the end of the lock");
    recover(&world, &visitor).await;
}

#[tokio::test]
async fn threat_21_a_table_that_is_gone_is_503_too() {
    let world = World::start_with(Doorward::builder(), UNKNOWN).await;
    let visitor = world.register("shop.example.com", "ada@example.com").await;
    world.alter("ALTER TABLE sessions RENAME TO mislaid").await;
    let closed = Case::get("shop", "https://shop.example.com/x").cookie(&visitor.cookie);
    expect(&world, &closed, Unavailable).await;
    world.alter("ALTER TABLE mislaid RENAME TO sessions").await;
    expect(&world, &closed, User(&visitor.id)).await;
}
