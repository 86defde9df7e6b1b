//! Sessions in Redis: which, and how it is reached.

use super::*;

fn with(url: &str) -> String {
    format!("[sessions]\nstore = \"redis\"\nredis_url = {url:?}")
}

#[test]
fn every_way_to_redis_is_accepted() {
    for url in [
        "redis://localhost",
        "redis://:secret@redis:6379/3",
        "redis://[::1]",
        "redis://:secret@[2001:db8::7]:6380/3",
        "rediss://user:s%40cret@redis.example.com:6380/255",
        "redis-cluster://node-1:7000?node=node-2:7001&node=node-3:7002",
        "rediss-cluster://user:secret@node-1",
        "redis-sentinel://:secret@one:26379/1?sentinelServiceName=main&node=two:26380",
        "redis-sentinel://one?sentinelServiceName=main&sentinelUsername=u&sentinelPassword=p",
    ] {
        let config = load(&with(url)).expect(url);
        let redis = config.sessions.redis.expect("Redis");
        assert_eq!(secrecy::ExposeSecret::expose_secret(redis.url()), url);
    }
    assert_eq!(load("").expect("nothing").sessions.redis, None);
}

#[test]
fn a_url_that_leads_nowhere_is_refused() {
    for (url, problem) in [
        ("redis", "is no URL of Redis"),
        ("http://redis", "is no URL of Redis"),
        ("redis+unix:///run/redis.sock", "is no URL of Redis"),
        ("redis://", "no readable host"),
        ("redis://redis:port", "no readable host"),
        ("redis://redis:0", "no readable host"),
        ("redis://:a@b@redis", "no readable host"),
        ("redis://redis/0#x", "no readable host"),
        ("redis://::1", "no readable host"),
        ("redis://[redis]:6379", "no readable host"),
        ("redis://[::1]6379", "no readable host"),
        ("rediss://[::1]:6379", "address of IPv6"),
        ("redis-cluster://[::1]?node=[::1]:7001", "no host and port"),
        ("redis://re dis", "is not a URL"),
        ("redis://redis/256", "names no database"),
        ("redis://redis/main", "names no database"),
        ("redis://redis?node=a:1", "means nothing here"),
        ("redis-cluster://redis/3", "which clusters do not have"),
        ("redis-cluster://redis?node=a", "no host and port"),
        (
            "redis-cluster://redis?sentinelServiceName=a",
            "means nothing here",
        ),
        ("redis-sentinel://redis", "which server the Sentinels watch"),
    ] {
        refused(&with(url), "sessions.redis_url", problem);
    }
}

#[test]
fn the_keys_belong_together() {
    refused(
        "[sessions]\nstore = \"redis\"",
        "sessions.redis_url",
        "is missing",
    );
    refused(
        "[sessions]\nredis_url = \"redis://redis\"",
        "sessions.redis_url",
        "kept in the database",
    );
    refused(
        "[sessions]\nstore = \"valkey\"",
        "sessions.store",
        "is no store",
    );
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    let and_ca = |url: &str| format!("{}\nredis_ca = {:?}", with(url), ca.display());
    refused(
        &and_ca("rediss://redis"),
        "sessions.redis_ca",
        "can not be read",
    );
    std::fs::write(&ca, "a certificate").unwrap();
    refused(
        &and_ca("rediss://redis"),
        "sessions.redis_ca",
        "no certificate",
    );
    for body in ["", "AAAA\n", "no base64\n"] {
        let broken = format!("-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----\n");
        std::fs::write(&ca, broken).unwrap();
        let problem = "a certificate that can't be read";
        refused(&and_ca("rediss://redis"), "sessions.redis_ca", problem);
    }
    let good = rcgen::generate_simple_self_signed(["redis".to_owned()]).unwrap();
    std::fs::write(&ca, good.cert.pem()).unwrap();
    refused(&and_ca("redis://redis"), "sessions.redis_ca", "is for TLS");
    assert!(load(&and_ca("rediss://redis")).is_ok());
    let without = format!("[sessions]\nredis_ca = {:?}", ca.display());
    refused(&without, "sessions.redis_ca", "kept in the database");
}

#[test]
fn threat_40_the_url_of_redis_is_never_shown() {
    let config = load(&with("redis://user:open-sesame@redis:6379")).expect("good");
    assert!(!format!("{config:?}").contains("open-sesame"));
    for url in [
        "redis://user:open-sesame@redis:x",
        "http://open-sesame",
        "redis://a?open-sesame=1",
    ] {
        let error = load(&with(url)).expect_err(url).to_string();
        assert!(!error.contains("open-sesame"), "{error}");
    }
}
