//! The ways in which Redis is set up: cluster, Sentinels, TLS, passwords, rights, databases with numbers.

use std::fs;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
};

use super::startup::log_of_unlinked;
use super::{EMAIL, stores};
use crate::nodes::scenarios::{self, sign_out};
use crate::nodes::{Nodes, asked, became};
use crate::support::process::eventually;
use crate::support::redis::{Cluster, Redis, Watched};

const PASSWORD: &str = "correct-horse:battery@staple/7#?";
/// The same in a URL.
const ESCAPED: &str = "correct-horse%3Abattery%40staple%2F7%23%3F";

async fn everything(toml: &str) -> Nodes {
    let nodes = Nodes::start(2, toml).await;
    scenarios::everything_that_ends_sessions(&nodes).await;
    scenarios::begun_anywhere(&nodes).await;
    nodes
}

#[tokio::test]
async fn threat_18_in_a_cluster() {
    let cluster = Cluster::start().await;
    let folder = tempfile::tempdir().expect("folder");
    let nodes = everything(&stores(folder.path(), &cluster.url())).await;
    // Enough sessions that every server has some; a key is deleted on each, and then one server is emptied.
    let before = cluster.records().await;
    let mut cookies = Vec::new();
    for _ in 0..15 {
        cookies.push(nodes.signed_in(EMAIL).await);
    }
    let own = async || {
        let mut records = cluster.records().await;
        records.retain(|record| !before.contains(record));
        records
    };
    for (index, server) in cluster.servers.iter().enumerate() {
        let records = own().await;
        let record = records.iter().find(|(of, _)| *of == index);
        let (_, key) = record.unwrap_or_else(|| panic!("{records:?}"));
        assert_eq!(server.cli(&["del", key]).await, "1");
    }
    let alive = async || {
        let mut alive = 0;
        for cookie in &cookies {
            let mut answers = Vec::new();
            for node in nodes.all() {
                answers.push(asked(node, "/private", cookie).await);
            }
            answers.sort_unstable();
            match answers[..] {
                [200, 200] => alive += 1,
                [401, 401] => {}
                _ => return None,
            }
        }
        Some(alive)
    };
    let settled = async |count: usize| {
        eventually(&format!("{count} to be left"), async || {
            (alive().await == Some(count)).then_some(())
        })
        .await;
    };
    settled(12).await;
    cluster.servers[1].cli(&["flushdb"]).await;
    settled(own().await.len()).await;
    let next = nodes.signed_in(EMAIL).await;
    sign_out(nodes.first(), &next).await;
    nodes.denied(&next).await;
}

#[tokio::test]
async fn threat_18_behind_a_sentinel_that_changes_the_server() {
    let mut watched = Watched::start("swordfish-17").await;
    let folder = tempfile::tempdir().expect("folder");
    let sentinel = watched.sentinel.port();
    let url =
        format!("redis-sentinel://:swordfish-17@127.0.0.1:{sentinel}/2?sentinelServiceName=main");
    let nodes = everything(&stores(folder.path(), &url)).await;
    let cookie = nodes.signed_in(EMAIL).await;
    let master = watched.first.port().to_string();
    eventually("the replica to have it all", async || {
        let replica = watched.replica.cli(&["-n", "2", "dbsize"]).await;
        let first = watched.first.cli(&["-n", "2", "dbsize"]).await;
        (replica == first).then_some(())
    })
    .await;
    watched.first.kill().await;
    eventually("another server", async || {
        let words = ["sentinel", "get-master-addr-by-name", "main"];
        let told = watched.sentinel.cli(&words).await;
        (!told.contains(&master)).then_some(())
    })
    .await;
    nodes.linked(2).await;
    for node in nodes.all() {
        became(node, "/private", &cookie, 200).await;
    }
    sign_out(nodes.first(), &cookie).await;
    nodes.denied(&cookie).await;
    let next = nodes.signed_in(EMAIL).await;
    watched.replica.cli(&["-n", "2", "flushdb"]).await;
    nodes.denied(&next).await;
}

/// A server with a certificate of an authority of our own, for the address of this machine.
async fn with_tls(lines: &str) -> Redis {
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
        .distinguished_name
        .push(DnType::CommonName, "an authority of this test");
    let key = KeyPair::generate().expect("a key");
    let authority = CertifiedIssuer::self_signed(params, key).expect("an authority");
    let names = ["127.0.0.1".to_owned(), "localhost".to_owned()];
    let own_key = KeyPair::generate().expect("a key");
    let own = CertificateParams::new(names).expect("names");
    let own = own.signed_by(&own_key, &authority).expect("a certificate");
    let way = ["--tls", "--cacert", "{folder}/ca.pem"];
    Redis::start_as(&way, |port, folder| {
        let write =
            |name: &str, text: String| fs::write(folder.join(name), text).expect("own folder");
        write("ca.pem", authority.pem());
        write("own.pem", own.pem());
        write("own.key", own_key.serialize_pem());
        let at = |name: &str| folder.join(name).display().to_string();
        format!(
            "port 0\ntls-port {port}\ntls-cert-file {}\ntls-key-file {}\ntls-ca-cert-file {}\n\
             tls-auth-clients no\n{lines}",
            at("own.pem"),
            at("own.key"),
            at("ca.pem"),
        )
    })
    .await
}

#[tokio::test]
async fn by_tls_with_an_authority_of_ones_own_and_a_password() {
    let redis = with_tls("user default on nopass ~* &* +@all\n").await;
    redis.cli(&["config", "set", "requirepass", PASSWORD]).await;
    let folder = tempfile::tempdir().expect("folder");
    let url = format!("rediss://:{ESCAPED}@127.0.0.1:{}/3", redis.port());
    let authority = redis.folder().join("ca.pem");
    let trusting = format!("{}redis_ca = {authority:?}\n", stores(folder.path(), &url));
    everything(&trusting).await;

    // Without the authority nobody is trusted, and the reason is told.
    let strict = stores(folder.path(), &url);
    let log = log_of_unlinked(&strict).await;
    assert!(log.to_lowercase().contains("certificate"), "{log}");
    assert!(!log.contains("battery"), "{log}");
}

/// With no more rights than docs/redis.md lists, in a database of its own.
#[tokio::test]
async fn with_the_rights_that_are_documented_and_no_others() {
    let redis = Redis::start().await;
    let page = fs::read_to_string("docs/redis.md").expect("the page");
    let rights = page
        .lines()
        .find_map(|line| line.trim().strip_prefix("ACL SETUSER doorward "));
    let rights = rights
        .expect("the page says which")
        .replace("PASSWORD", PASSWORD);
    let words: Vec<&str> = ["acl", "setuser", "doorward"]
        .into_iter()
        .chain(rights.split(' '))
        .collect();
    assert_eq!(redis.cli(&words).await, "OK");
    redis.cli(&["acl", "setuser", "default", "off"]).await;
    let folder = tempfile::tempdir().expect("folder");
    let url = format!("redis://doorward:{ESCAPED}@127.0.0.1:{}/5", redis.port());
    let nodes = everything(&stores(folder.path(), &url)).await;
    let log = nodes.first().log();
    assert!(!log.contains("NOPERM"), "{log}");
}

#[tokio::test]
async fn databases_with_numbers_are_apart() {
    let redis = Redis::start().await;
    let folders = [tempfile::tempdir(), tempfile::tempdir()].map(|folder| folder.expect("folder"));
    let [first, second] = [0, 1].map(|number| {
        let url = format!("{}/{}", redis.url(), number + 4);
        stores(folders[number].path(), &url)
    });
    let first = Nodes::start(1, &first).await;
    let second = Nodes::start(1, &second).await;
    let cookie = first.registered(EMAIL).await;
    let other = second.registered(EMAIL).await;
    first.denied(&other).await;
    second.denied(&cookie).await;
    redis.cli(&["-n", "4", "flushdb"]).await;
    first.denied(&cookie).await;
    assert_eq!(asked(second.first(), "/private", &other).await, 200);
    assert_eq!(redis.cli(&["dbsize"]).await, "0");
}
