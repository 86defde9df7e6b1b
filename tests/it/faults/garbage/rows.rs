//! Rows that we never wrote.

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};

use super::{LIMITS, hash_of};
use crate::faults::site::{Person, Verdict, entered, finds, newcomer, sign_in, until, verify};
use crate::support::doorward::Doorward;
use crate::support::http::get;
use crate::support::postgres;

/// What becomes of a session whose row is changed so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Becomes {
    Nobody,
    /// Odd, and yet it can be read.
    Either,
}
use Becomes::{Either, Nobody};

/// What both databases take. `{s}` is the session's row, `{u}` its user's.
const BOTH: &[(&str, Becomes)] = &[
    (
        "UPDATE sessions SET factors = 'telepathy' WHERE {s}",
        Nobody,
    ),
    (
        "UPDATE sessions SET factors = 'password telepathy' WHERE {s}",
        Nobody,
    ),
    ("UPDATE sessions SET factors = 'PASSWORD' WHERE {s}", Nobody),
    (
        "UPDATE sessions SET pool = 'No Such Pool!' WHERE {s}",
        Nobody,
    ),
    ("UPDATE sessions SET pool = 'elsewhere' WHERE {s}", Nobody),
    ("UPDATE sessions SET pool = '' WHERE {s}", Nobody),
    ("UPDATE sessions SET app = 'No Such App!' WHERE {s}", Nobody),
    ("UPDATE sessions SET app = 'elsewhere' WHERE {s}", Nobody),
    ("UPDATE sessions SET app = '' WHERE {s}", Nobody),
    ("UPDATE sessions SET epoch = -1 WHERE {s}", Nobody),
    (
        "UPDATE sessions SET epoch = 9223372036854775807 WHERE {s}",
        Nobody,
    ),
    (
        "UPDATE users SET epoch = 9223372036854775807 WHERE {u}",
        Nobody,
    ),
    ("UPDATE users SET roles = 'Two,Words !' WHERE {u}", Nobody),
    ("UPDATE users SET pool = 'elsewhere' WHERE {u}", Nobody),
    ("UPDATE sessions SET device = '<script>' WHERE {s}", Either),
];

const POSTGRES: &[(&str, Becomes)] = &[
    (
        "UPDATE sessions SET expires_at = 'infinity' WHERE {s}",
        Either,
    ),
    (
        "UPDATE sessions SET expires_at = '-infinity' WHERE {s}",
        Nobody,
    ),
    (
        "UPDATE sessions SET expires_at = '0044-03-15 BC' WHERE {s}",
        Nobody,
    ),
    (
        "UPDATE sessions SET expires_at = '294276-12-31' WHERE {s}",
        Either,
    ),
    (
        "UPDATE sessions SET last_seen_at = 'infinity' WHERE {s}",
        Either,
    ),
    (
        "UPDATE sessions SET last_seen_at = '-infinity' WHERE {s}",
        Either,
    ),
    (
        "UPDATE sessions SET created_at = 'infinity', signed_in_at = '-infinity' WHERE {s}",
        Either,
    ),
    (
        "UPDATE sessions SET created_at = '4713-01-01 BC' WHERE {s}",
        Either,
    ),
    (
        "UPDATE sessions SET device = repeat('ä', 1000000) WHERE {s}",
        Either,
    ),
    ("UPDATE users SET created_at = 'infinity' WHERE {u}", Either),
];

const SQLITE: &[(&str, Becomes)] = &[
    (
        "UPDATE sessions SET expires_at = 'tomorrow' WHERE {s}",
        Nobody,
    ),
    ("UPDATE sessions SET expires_at = x'00ff' WHERE {s}", Nobody),
    ("UPDATE sessions SET expires_at = 1.5e300 WHERE {s}", Nobody),
    (
        "UPDATE sessions SET expires_at = -9223372036854775808 WHERE {s}",
        Nobody,
    ),
    (
        "UPDATE sessions SET expires_at = 9223372036854775807 WHERE {s}",
        Either,
    ),
    (
        "UPDATE sessions SET last_seen_at = 9223372036854775807 WHERE {s}",
        Either,
    ),
    (
        "UPDATE sessions SET last_seen_at = -9223372036854775808 WHERE {s}",
        Either,
    ),
    ("UPDATE sessions SET created_at = 'once' WHERE {s}", Nobody),
    (
        "UPDATE sessions SET remembered = 'perhaps' WHERE {s}",
        Nobody,
    ),
    ("UPDATE sessions SET epoch = 'seven' WHERE {s}", Nobody),
    ("UPDATE sessions SET factors = x'ff00ff' WHERE {s}", Nobody),
    ("UPDATE sessions SET app = x'ff00ff' WHERE {s}", Nobody),
    ("UPDATE sessions SET device = x'ff00ff' WHERE {s}", Nobody),
    (
        "UPDATE sessions SET device = hex(zeroblob(1000000)) WHERE {s}",
        Either,
    ),
    ("UPDATE users SET roles = x'ff00ff' WHERE {u}", Nobody),
    ("UPDATE users SET epoch = 'seven' WHERE {u}", Nobody),
    ("UPDATE users SET disabled = 'perhaps' WHERE {u}", Nobody),
];

/// Whether a node survives each of the changes, made behind its back to somebody who was just let in.
async fn survives(
    node: &Doorward,
    changes: &[(&str, Becomes)],
    row_of: impl Fn(&Person) -> [String; 2],
    mut change: impl AsyncFnMut(String),
) {
    let witness = newcomer(node, "witness@example.com").await;
    for (number, (statement, becomes)) in changes.iter().enumerate() {
        let person = newcomer(node, &format!("reader-{number}@example.com")).await;
        let there = Verdict::of(&person);
        until(node, "a session", &person.cookie, &there).await;
        let [session, user] = row_of(&person);
        change(statement.replace("{s}", &session).replace("{u}", &user)).await;
        if *becomes == Nobody {
            until(node, statement, &person.cookie, &Verdict::SignIn).await;
        } else {
            // Once the change was heard, and for some time before it.
            for _ in 0..20 {
                let verdict = verify(node, &person.cookie).await;
                assert!(
                    verdict == there
                        || verdict != Verdict::anonymous() && !matches!(verdict, Verdict::Pass(_)),
                    "{statement}: {verdict:?}"
                );
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        }
        for page in ["login/session", "login", "account", "logout"] {
            let url = format!("{}/{page}", node.public());
            let answer = get(&url, &[("cookie", &person.cookie)]).await;
            assert_ne!(answer.status, 500, "{statement}: {page}: {}", answer.body);
        }
        // The rest of the account may be broken too; that is nobody else's sign-in.
        let again = sign_in(node, &person.email, &person.password).await;
        let known = entered(&again, &person.email, &person.password);
        assert!(
            known.is_none_or(|again| again.id == person.id),
            "{statement}"
        );
        finds(node, &witness.cookie, &Verdict::of(&witness)).await;
    }
    assert!(!node.log().contains("panicked"), "{}", node.log());
}

#[tokio::test]
async fn threat_02_rows_in_postgres_that_we_never_wrote_are_nobody() {
    let url = postgres::database().await;
    let database = format!("[database]\nurl = \"{url}\"\n{LIMITS}");
    let node = Doorward::builder().toml(&database).start().await;
    let row_of = |person: &Person| {
        let hash = hex::encode(hash_of(&person.cookie));
        let session = format!("id_hash = decode('{hash}', 'hex')");
        [session, format!("id = '{}'", person.id)]
    };
    let mut behind = PgConnection::connect(&url).await.expect("the cluster runs");
    let change = async |statement: String| {
        let done = sqlx::query(AssertSqlSafe(statement.clone()))
            .execute(&mut behind)
            .await;
        let done = done.unwrap_or_else(|error| panic!("{statement}: {error}"));
        assert_eq!(done.rows_affected(), 1, "{statement}");
    };
    survives(&node, &[BOTH, POSTGRES].concat(), row_of, change).await;
}

#[tokio::test]
async fn threat_02_rows_in_sqlite_that_we_never_wrote_are_nobody() {
    let node = Doorward::builder().toml(LIMITS).start().await;
    let row_of = |person: &Person| {
        let session = format!("id_hash = x'{}'", hex::encode(hash_of(&person.cookie)));
        [session, format!("id = x'{}'", person.id.replace('-', ""))]
    };
    let url = format!(
        "sqlite://{}",
        node.data_folder().join("doorward.db").display()
    );
    let mut behind = SqliteConnection::connect(&url).await.expect("a database");
    let change = async |statement: String| {
        let done = sqlx::query(AssertSqlSafe(statement.clone()))
            .execute(&mut behind)
            .await;
        let done = done.unwrap_or_else(|error| panic!("{statement}: {error}"));
        assert_eq!(done.rows_affected(), 1, "{statement}");
    };
    survives(&node, &[BOTH, SQLITE].concat(), row_of, change).await;
}
