//! Ten thousand sessions of one user, ended at once.

use doorward::domain::random::SystemRandom;
use doorward::domain::session::{Factor, Session};
use doorward::sessions::Token;
use doorward::storage::changes::Change;
use doorward::storage::{Database, Settings, sessions, users};
use futures_util::future::join_all;
use uuid::Uuid;

use super::stores::file;
use super::{Nodes, asked, database};
use crate::operator::operate;
use crate::support::identity::now;
use crate::support::postgres;

const EMAIL: &str = "ann@example.com";
const MANY: usize = 10_000;

pub(super) fn open(url: &str) -> Database {
    let settings = Settings {
        url: url.into(),
        max_connections: 4,
    };
    Database::open(&settings).expect("a good URL")
}

/// Begins sessions of the registered user without any page. Nobody knows them yet.
pub(super) async fn begin(database: &Database, count: usize) -> Vec<Token> {
    let mut db = database.begin().await.expect("a transaction");
    let (pool, email) = (
        "app".parse().expect("an id"),
        EMAIL.parse().expect("an address"),
    );
    let account = users::by_email(&mut db, &pool, &email).await.expect("read");
    let account = account.expect("registered");
    let moment = doorward::domain::clock::Timestamp::from_seconds(now().cast_signed());
    let session = Session {
        pool,
        app: "app".parse().expect("an id"),
        user: account.user.id,
        roles: Vec::new(),
        epoch: account.epoch,
        created_at: moment,
        signed_in_at: moment,
        last_seen_at: moment,
        expires_at: moment + std::time::Duration::from_secs(3600),
        factors: vec![Factor::Password],
        remembered: false,
        device: String::new(),
    };
    let mut tokens = Vec::new();
    for _ in 0..count {
        let token = Token::generate(&SystemRandom).expect("random");
        let added = sessions::insert(&mut db, &token.hash(), &session).await;
        assert!(added.expect("inserted"));
        tokens.push(token);
    }
    db.commit().await.expect("committed");
    tokens
}

pub(super) fn cookie(token: &Token) -> String {
    format!("SESSION={}", token.reveal())
}

async fn many_end_at_once(url: &str) {
    let nodes = Nodes::start(2, &database(url)).await;
    nodes.registered(EMAIL).await;
    let bystander = nodes.registered("bob@example.com").await;
    let tokens = begin(&open(url), MANY).await;
    let cookies: Vec<_> = tokens.iter().map(cookie).collect();
    let sample: Vec<_> = cookies.iter().step_by(MANY / 200).collect();
    for some in sample.chunks(8) {
        join_all(some.iter().map(|cookie| nodes.known((*cookie).clone()))).await;
    }
    operate(nodes.first(), &["session", "revoke", EMAIL, "--all"]).await;
    for some in sample.chunks(8) {
        join_all(some.iter().map(|cookie| nodes.denied(cookie))).await;
    }
    for node in nodes.all() {
        assert_eq!(asked(node, "/private", &bystander).await, 200);
    }
}

#[tokio::test]
async fn threat_18_ten_thousand_sessions_end_at_once_on_postgres() {
    many_end_at_once(&postgres::database().await).await;
}

#[tokio::test]
async fn threat_18_ten_thousand_sessions_end_at_once_on_sqlite() {
    let (url, _folder) = file();
    many_end_at_once(&url).await;
}

/// All of them are told, in few words; uses of them are not.
#[tokio::test]
async fn ten_thousand_sessions_are_told_of_in_less_than_a_hundred_notifications() {
    let url = postgres::database().await;
    let nodes = Nodes::start(1, &database(&url)).await;
    nodes.registered(EMAIL).await;
    drop(nodes);
    let database = open(&url);
    let tokens = begin(&database, MANY).await;
    let word = Uuid::from_u128(1);
    let mut changes = database.changes(word).await.expect("a link");
    let mut db = database.begin().await.expect("a transaction");
    for token in &tokens {
        let later = doorward::domain::clock::Timestamp::from_seconds(now().cast_signed() + 60);
        sessions::touch(&mut db, &token.hash(), later)
            .await
            .expect("touched");
    }
    db.commit().await.expect("committed");
    super::by_hand(&url, "DELETE FROM sessions").await;
    let (mut told, mut count) = (std::collections::HashSet::new(), 0);
    while told.len() < MANY {
        count += 1;
        for change in changes.next().await.expect("heard") {
            match change {
                Change::Session(id_hash) => told.insert(id_hash),
                other => panic!("{other:?}"),
            };
        }
    }
    assert!(tokens.iter().all(|token| told.contains(&token.hash())));
    assert!(count < 100, "{count}");
}
