//! What somebody else wrote under our keys, and what somebody who reads Redis learns.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{EMAIL, Site};
use crate::nodes::{asked, became};
use crate::support::process::eventually;
use crate::support::redis::Redis;

/// A record that is damaged, of another kind, or another session's.
#[tokio::test]
async fn records_that_are_none_are_no_session_and_no_failure() {
    let site = Site::start(2).await;
    let cookie = site.nodes.registered(EMAIL).await;
    let key = site.redis.records().await.remove(0);
    let other = site.nodes.signed_in(EMAIL).await;
    let mut keys = site.redis.records().await;
    keys.retain(|found| *found != key);
    let foreign = keys.remove(0);
    let spoils: [&[&str]; 6] = [
        &["set", &key, "nonsense"],
        &["set", &key, ""],
        &["set", &key, "{\"id\":1,\"data\":{},\"expiry_date\":0}"],
        &["setrange", &key, "10", "\u{1}\u{2}\u{3}"],
        &["copy", &foreign, &key, "replace"],
        &["set", &key, "\u{7f}\u{7f}\u{7f}"],
    ];
    let good = dump(&site, &key).await;
    for spoil in spoils {
        restore(&site, &key, &good).await;
        for node in site.nodes.all() {
            became(node, "/private", &cookie, 200).await;
        }
        site.redis.cli(spoil).await;
        for node in site.nodes.all() {
            became(node, "/private", &cookie, 401).await;
        }
    }
    site.redis.cli(&["del", &key]).await;
    for list in [["rpush", "a"], ["sadd", "a"], ["pfadd", "a"]] {
        site.redis.cli(&[list[0], &key, list[1]]).await;
        for node in site.nodes.all() {
            became(node, "/private", &cookie, 401).await;
        }
        site.redis.cli(&["del", &key]).await;
    }
    for node in site.nodes.all() {
        assert_eq!(asked(node, "/private", &other).await, 200);
        let log = node.log();
        assert!(log.contains("is none of Doorward's"), "{log}");
        for content in ["nonsense", "panicked", &key] {
            assert!(!log.contains(content), "{content}: {log}");
        }
    }
}

/// The value of a key, for `restore`: kept in Redis itself, under another name.
async fn dump(site: &Site, key: &str) -> String {
    let copy = "copy:of:it".to_owned();
    assert_eq!(site.redis.cli(&["copy", key, &copy]).await, "1");
    copy
}

async fn restore(site: &Site, key: &str, copy: &str) {
    let restored = site.redis.cli(&["copy", copy, key, "replace"]).await;
    assert_eq!(restored, "1");
}

/// Neither names nor values hold what opens a session.
#[tokio::test]
async fn threat_20_redis_never_sees_a_session_id() {
    let site = Site::start(1).await;
    let mut told = Told::by(&site.redis).await;
    let cookie = site.nodes.registered(EMAIL).await;
    let (_, id) = cookie.split_once('=').expect("name=value");
    let bytes = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, id);
    let bytes = bytes.expect("an id");
    eventually("the account", async || {
        (site.redis.keys().await.len() == 2).then_some(())
    })
    .await;
    for key in site.redis.cli(&["--scan"]).await.lines() {
        assert!(!key.contains(id), "{key}");
        let value = site.redis.cli(&["--no-raw", "get", key]).await;
        assert!(!value.contains(id), "{key}");
        assert!(!value.contains(EMAIL), "{key}");
        assert!(!value.contains(&shown(&bytes)), "{key}");
        // Nobody gets in with what is stored.
        let stored = format!("SESSION={key}");
        assert_eq!(asked(site.nodes.first(), "/private", &stored).await, 401);
    }
    // Nor is it in what Redis was told to do.
    let told = told.until_now(&site.redis).await;
    let record = site.redis.records().await.remove(0);
    assert!(told.contains(&record), "{told}");
    for secret in [id, &shown(&bytes), EMAIL] {
        assert!(!told.contains(secret), "{secret}: {told}");
    }
}

/// Bytes as Redis shows them to people, without the quotes.
fn shown(bytes: &[u8]) -> String {
    let show = |byte: &u8| match byte {
        b'\\' => "\\\\".to_owned(),
        b'"' => "\\\"".to_owned(),
        b'\n' => "\\n".to_owned(),
        b'\r' => "\\r".to_owned(),
        b'\t' => "\\t".to_owned(),
        7 => "\\a".to_owned(),
        8 => "\\b".to_owned(),
        b' '..=b'~' => char::from(*byte).to_string(),
        _ => format!("\\x{byte:02x}"),
    };
    bytes.iter().map(show).collect()
}

/// All that Redis is told by anybody.
struct Told(TcpStream);

impl Told {
    async fn by(redis: &Redis) -> Self {
        let mut stream = TcpStream::connect(("127.0.0.1", redis.port()))
            .await
            .expect("it listens");
        stream.write_all(b"MONITOR\r\n").await.expect("it reads");
        let mut answer = [0; 5];
        stream.read_exact(&mut answer).await.expect("an answer");
        assert_eq!(&answer, b"+OK\r\n");
        Self(stream)
    }

    async fn until_now(&mut self, redis: &Redis) -> String {
        const LAST: &str = "that was all";
        redis.cli(&["echo", LAST]).await;
        let mut told = Vec::new();
        while !String::from_utf8_lossy(&told).contains(LAST) {
            let read = self.0.read_buf(&mut told).await;
            assert_ne!(read.expect("more"), 0);
        }
        String::from_utf8_lossy(&told).into_owned()
    }
}
