//! Reading and revoking at the same moment, on purpose.
//!
//! What is told to a node comes in order. So when a node denies a session that ended later, it has heard of every one
//! that ended before, and must deny that at once, whatever was being read meanwhile.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use doorward::sessions::Token;
use doorward::storage::{Database, sessions};
use futures_util::future::join_all;
use tokio::time::Duration;

use super::many::{begin, cookie, open};
use super::stores::file;
use super::{Nodes, asked, became, database, scenarios};
use crate::support::doorward::Doorward;
use crate::support::postgres;

const EMAIL: &str = "ann@example.com";
const ROUNDS: u32 = 60;
/// How many ask about the same session at each node all the time.
const ASKING: usize = 4;

/// Asks without end about whatever is the session of the moment.
async fn keep_asking(node: &Doorward, now: &Mutex<String>, over: &AtomicBool, count: &AtomicU32) {
    while !over.load(Ordering::Relaxed) {
        let cookie = now.lock().expect("no panic inside").clone();
        let status = asked(node, "/private", &cookie).await;
        assert!(matches!(status, 200 | 401 | 503), "{status}");
        count.fetch_add(1, Ordering::Relaxed);
    }
}

/// A busy machine may be too slow to look it up in time; nobody gets in for that.
async fn is_denied(node: &Doorward, cookie: &str, round: u32) {
    let status = asked(node, "/private", cookie).await;
    assert!(matches!(status, 401 | 503), "{status} in round {round}");
}

async fn end(database: &Database, token: &Token) {
    let mut db = database.acquire().await.expect("a connection");
    assert!(
        sessions::delete(&mut db, &token.hash())
            .await
            .expect("deleted")
    );
}

/// One session that everybody is asking about ends and begins again; the marker ends right after it.
async fn round(nodes: &Nodes, database: &Database, now: &Mutex<String>, number: u32) {
    let tokens = begin(database, 2).await;
    let [token, marker] = &tokens[..] else {
        panic!("two tokens");
    };
    for node in nodes.all() {
        assert_eq!(asked(node, "/private", &cookie(marker)).await, 200);
    }
    let mut db = database.acquire().await.expect("a connection");
    let row = sessions::find(&mut db, &token.hash()).await.expect("read");
    let row = row.expect("begun");
    *now.lock().expect("no panic inside") = cookie(token);
    // From the very first question on to when all of them know it.
    tokio::time::sleep(Duration::from_micros(u64::from(number) * 150)).await;
    end(database, token).await;
    end(database, marker).await;
    let heard = nodes.all().iter().map(async |node| {
        became(node, "/private", &cookie(marker), 401).await;
        for _ in 0..3 {
            is_denied(node, &cookie(token), number).await;
        }
    });
    join_all(heard).await;
    let again = sessions::insert(&mut db, &token.hash(), &row).await;
    assert!(again.expect("inserted"));
    let known = nodes.all().iter().map(async |node| {
        became(node, "/private", &cookie(token), 200).await;
    });
    join_all(known).await;
    // What begins after the answer at the same node is denied, with nothing to wait for.
    let leaving = &nodes.all()[usize::from(number % 2 == 1)];
    scenarios::sign_out(leaving, &cookie(token)).await;
    for _ in 0..3 {
        is_denied(leaving, &cookie(token), number).await;
    }
    nodes.denied(&cookie(token)).await;
}

async fn reading_never_outlives_revoking(url: &str) {
    let nodes = Nodes::start(2, &database(url)).await;
    let first = nodes.registered(EMAIL).await;
    let database = open(url);
    let (now, over, count) = (Mutex::new(first), AtomicBool::new(false), AtomicU32::new(0));
    let asking = nodes.all().iter().flat_map(|node| [node; ASKING]);
    let asking = asking.map(|node| keep_asking(node, &now, &over, &count));
    let rounds = async {
        for number in 0..ROUNDS {
            round(&nodes, &database, &now, number).await;
        }
        over.store(true, Ordering::Relaxed);
    };
    tokio::join!(rounds, join_all(asking));
    println!("asked {count:?} times");
}

#[tokio::test]
async fn threat_18_reading_never_outlives_revoking_on_postgres() {
    reading_never_outlives_revoking(&postgres::database().await).await;
}

#[tokio::test]
async fn threat_18_reading_never_outlives_revoking_on_sqlite() {
    let (url, _folder) = file();
    reading_never_outlives_revoking(&url).await;
}
