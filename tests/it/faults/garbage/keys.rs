//! Keys in Redis that we never wrote.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{LIMITS, hash_of};
use crate::faults::site::{Person, Verdict, entered, finds, newcomer, sign_in, until};
use crate::support::doorward::Doorward;
use crate::support::http::get;
use crate::support::postgres;
use crate::support::redis::Redis;

/// Commands of Redis by which a record is replaced. `{r}` is its key, `{o}` that of somebody else's record.
const RECORDS: &[&str] = &[
    r#"SET {r} """#,
    r#"SET {r} "garbage""#,
    r#"SET {r} "{\"user\":\"ann\"}""#,
    r#"SET {r} "\xc1\xff\x00\x93""#,
    r#"SET {r} "\x93\xc4\xff\xff\xff\xff""#,
    r#"SET {r} "\xdd\xff\xff\xff\xff""#,
    "SETBIT {r} 0 0",
    "SETRANGE {r} 20 xxxx",
    "COPY {o} {r} REPLACE",
    "EVAL \"redis.call('del', KEYS[1]); return redis.call('rpush', KEYS[1], 'x')\" 1 {r}",
    "EVAL \"redis.call('del', KEYS[1]); return redis.call('sadd', KEYS[1], 'x')\" 1 {r}",
    "EVAL \"redis.call('del', KEYS[1]); return redis.call('zadd', KEYS[1], 1, 'x')\" 1 {r}",
    "EVAL \"redis.call('del', KEYS[1]); return redis.call('hset', KEYS[1], 'a', 'b')\" 1 {r}",
    "EVAL \"redis.call('del', KEYS[1]); return redis.call('xadd', KEYS[1], '*', 'a', 'b')\" 1 {r}",
    "EVAL \"redis.call('set', KEYS[1], string.rep('x', 1000000)); return 1\" 1 {r}",
    "EVAL \"redis.call('set', KEYS[1], string.rep('\\\\145', 100000)); return 1\" 1 {r}",
    "DEL {r}",
];

/// The same for what Redis knows of an account: the database knows better. `{a}` is the key.
const ACCOUNTS: &[&str] = &[
    r#"SET {a} """#,
    r#"SET {a} "garbage""#,
    r#"SET {a} "{}""#,
    r#"SET {a} "[1,2,3]""#,
    r#"SET {a} "{\"version\":\"x\",\"epoch\":0,\"disabled\":false,\"roles\":[]}""#,
    r#"SET {a} "{\"version\":0,\"epoch\":0,\"disabled\":0,\"roles\":{}}""#,
    r#"SET {a} "\xff\xfe\x00""#,
    "SETBIT {a} 100000 1",
    "EVAL \"redis.call('del', KEYS[1]); return redis.call('rpush', KEYS[1], 'x')\" 1 {a}",
    "EVAL \"redis.call('del', KEYS[1]); return redis.call('sadd', KEYS[1], 'x')\" 1 {a}",
    "EVAL \"redis.call('del', KEYS[1]); return redis.call('zadd', KEYS[1], 1, 'x')\" 1 {a}",
    "EVAL \"redis.call('del', KEYS[1]); return redis.call('hset', KEYS[1], 'a', 'b')\" 1 {a}",
    "EVAL \"redis.call('del', KEYS[1]); return redis.call('xadd', KEYS[1], '*', 'a', 'b')\" 1 {a}",
    "DEL {a}",
];

/// Keys of other programs, and some that look like ours.
const FOREIGN: &[&str] = &[
    "SET cache:7 x",
    "RPUSH AAAAAAAAAAAAAAAAAAAAAA x",
    "SET AAAAAAAAAAAAAAAAAAAAAQ garbage",
    "SET doorward:user: x",
    "SET doorward:user:ann x",
    "HSET doorward:user:00000000-0000-4000-8000-000000000000 a b",
    "SET doorward:canary: x",
    "RPUSH doorward:canary:5eed x",
    r#"SET "\xff\xfe" x"#,
];

/// The key of a session's record: the first half of the hash, spelled as a cookie's value is.
fn record_of(person: &Person) -> String {
    let hash = hash_of(&person.cookie);
    URL_SAFE_NO_PAD.encode(&hash[..16])
}

#[tokio::test]
async fn threat_02_keys_in_redis_that_we_never_wrote_are_nobody() {
    let (redis, url) = (Redis::start().await, postgres::database().await);
    let sessions = format!("store = \"redis\"\nredis_url = \"{}\"", redis.url());
    let toml = format!("[database]\nurl = \"{url}\"\n[sessions]\n{sessions}\n{LIMITS}");
    let node = Doorward::builder().toml(&toml).start().await;
    let change = async |command: String| {
        let said = redis.cli_lines(&format!("{command}\n")).await;
        let failed = ["ERR", "WRONGTYPE", "Invalid", "Could not"];
        assert!(
            !failed.iter().any(|word| said.contains(word)),
            "{command}: {said}"
        );
    };
    for command in FOREIGN {
        change((*command).to_owned()).await;
    }
    let witness = newcomer(&node, "witness@example.com").await;
    for (number, command) in RECORDS.iter().chain(ACCOUNTS).enumerate() {
        let person = newcomer(&node, &format!("reader-{number}@example.com")).await;
        until(&node, "a session", &person.cookie, &Verdict::of(&person)).await;
        let command = command.replace("{r}", &record_of(&person));
        let command = command.replace("{o}", &record_of(&witness));
        let is_record = !command.contains("{a}");
        change(command.replace("{a}", &format!("doorward:user:{}", person.id))).await;
        let wanted = if is_record {
            Verdict::SignIn
        } else {
            Verdict::of(&person)
        };
        until(&node, &command, &person.cookie, &wanted).await;
        for _ in 0..5 {
            finds(&node, &person.cookie, &wanted).await;
        }
        let page = format!("{}/login/session", node.public());
        let answer = get(&page, &[("cookie", &person.cookie)]).await;
        assert_ne!(answer.status, 500, "{command}");
        let again = sign_in(&node, &person.email, &person.password).await;
        let again = entered(&again, &person.email, &person.password).expect("an account");
        until(&node, "a new session", &again.cookie, &Verdict::of(&person)).await;
        finds(&node, &witness.cookie, &Verdict::of(&witness)).await;
    }
    for value in ["AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAQ"] {
        finds(&node, &format!("SESSION={value}"), &Verdict::SignIn).await;
    }
    assert_eq!(
        redis.cli(&["get", "cache:7"]).await,
        "x",
        "other programs' keys stay"
    );
    assert!(!node.log().contains("panicked"), "{}", node.log());
}
