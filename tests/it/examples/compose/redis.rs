//! The profile with Redis: its configuration, with a real server and Doorward on it.

use std::fs;

use super::{Secrets, mounts, root, service, texts};
use crate::nodes::Nodes;
use crate::support::redis::Redis;

#[tokio::test]
async fn sessions_are_kept_in_the_redis_of_the_compose_file() {
    let redis = service("redis");
    assert_eq!(texts(&redis["profiles"]), ["redis"]);
    let command = texts(&redis["command"]);
    let mounted = mounts(redis);
    let (file, ..) = mounted
        .iter()
        .find(|(_, place, _)| *place == command[1])
        .expect("it is mounted");
    let text = fs::read_to_string(root().join(file)).expect("the configuration");
    let secrets = Secrets::make();
    let password = secrets.read("redis", "password");
    let way = ["-a", password.trim_end()];
    let redis = Redis::start_as(&way, |port, folder| {
        let text = secrets.placed("redis", &text);
        let folder = folder.to_str().expect("UTF-8");
        format!("port {port}\n{}", text.replace("/data", folder))
    })
    .await;
    let url = secrets.read("doorward", "redis-url");
    let own = format!("127.0.0.1:{}/", redis.port());
    let url = url.trim_end().replace("redis:6379/", &own);
    assert!(
        url.contains(&own),
        "the host and port that the compose file has"
    );
    let toml = format!("[sessions]\nstore = \"redis\"\nredis_url = \"{url}\"\n");
    let nodes = Nodes::start(1, &toml).await;
    nodes.registered("ann@example.com").await;
    assert_eq!(redis.records().await.len(), 1);
    let log = nodes.first().log();
    assert!(!log.contains("WARN"), "{log}");
}
