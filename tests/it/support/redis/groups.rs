//! Several servers that belong together.

use super::super::ports::on_free_ports;
use super::super::process::eventually;
use super::{Redis, cli};

/// Three servers that share the keys among them.
pub(crate) struct Cluster {
    pub(crate) servers: Vec<Redis>,
}

impl Cluster {
    pub(crate) async fn start() -> Self {
        let mut servers = Vec::new();
        for _ in 0..3 {
            servers.push(on_free_ports(async |ports| member(ports).await).await);
        }
        let mut words = vec!["--cluster".to_owned(), "create".to_owned()];
        for server in &servers {
            words.push(format!("127.0.0.1:{}", server.port()));
        }
        words.push("--cluster-yes".to_owned());
        let created = cli(words, "").await;
        assert!(created.contains("All 16384 slots covered"), "{created}");
        eventually("the cluster", async || {
            let mut is_whole = true;
            for server in &servers {
                let state = server.cli(&["cluster", "info"]).await;
                is_whole &= state.contains("cluster_state:ok");
            }
            is_whole.then_some(())
        })
        .await;
        Self { servers }
    }

    /// A URL that names one of them; the others are found.
    pub(crate) fn url(&self) -> String {
        format!("redis-cluster://127.0.0.1:{}", self.servers[0].port())
    }

    /// The keys of the records of sessions, each with the server that has it.
    pub(crate) async fn records(&self) -> Vec<(usize, String)> {
        let mut records = Vec::new();
        for (index, server) in self.servers.iter().enumerate() {
            for key in server.records().await {
                records.push((index, key));
            }
        }
        records
    }
}

async fn member([port, bus]: [u16; 2]) -> Result<Redis, String> {
    let lines = |port: u16, _: &std::path::Path| {
        format!("port {port}\ncluster-enabled yes\ncluster-port {bus}\ncluster-node-timeout 3000")
    };
    Redis::start_at(port, "redis-server", &[], &lines).await
}

/// A server and its replica, watched by a Sentinel that is quick to replace one by the other.
pub(crate) struct Watched {
    pub(crate) first: Redis,
    pub(crate) replica: Redis,
    pub(crate) sentinel: Redis,
}

impl Watched {
    /// All with the same password.
    pub(crate) async fn start(password: &str) -> Self {
        let way = ["-a", password];
        let auth = format!("requirepass {password}\nmasterauth {password}");
        let first = Redis::start_as(&way, |port, _| format!("port {port}\n{auth}")).await;
        let master = first.port();
        let replica = Redis::start_as(&way, |port, _| {
            format!("port {port}\n{auth}\nreplicaof 127.0.0.1 {master}\nrepl-diskless-sync-delay 0")
        });
        let replica = replica.await;
        let lines = |port: u16, _: &std::path::Path| {
            format!(
                "port {port}\nbind 127.0.0.1\nsentinel monitor main 127.0.0.1 {master} 1\n\
                 sentinel auth-pass main {password}\n\
                 sentinel down-after-milliseconds main 1000\nsentinel failover-timeout main 3000"
            )
        };
        let sentinel = on_free_ports(async |[port]| {
            Redis::start_at(port, "redis-sentinel", &[], &lines).await
        })
        .await;
        let watched = Self {
            first,
            replica,
            sentinel,
        };
        eventually("the Sentinel to know the replica", async || {
            let told = watched
                .sentinel
                .cli(&["sentinel", "replicas", "main"])
                .await;
            let linked = watched.replica.cli(&["info", "replication"]).await;
            let is_linked = linked.contains("master_link_status:up");
            (told.contains(&watched.replica.port().to_string()) && is_linked).then_some(())
        })
        .await;
        watched
    }
}
