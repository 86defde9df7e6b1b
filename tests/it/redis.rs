//! Sessions in Redis: real servers, several nodes, and commands in processes of their own.

mod accounts;
mod foreign;
mod hand;
mod inside;
mod moving;
mod outage;
mod revocation;
mod setups;
mod startup;
mod uses;

use std::path::Path;

use tempfile::TempDir;

use super::nodes::Nodes;
use super::support::redis::Redis;

const EMAIL: &str = "ann@example.com";

/// Nodes that share a database and a Redis.
struct Site {
    redis: Redis,
    nodes: Nodes,
    folder: TempDir,
}

impl Site {
    async fn start(count: usize) -> Self {
        let redis = Redis::start().await;
        let url = redis.url();
        Self::start_on(redis, &url, count).await
    }

    /// With the URL by which the nodes are to reach Redis.
    async fn start_on(redis: Redis, url: &str, count: usize) -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let nodes = Nodes::start(count, &stores(folder.path(), url)).await;
        Self {
            redis,
            nodes,
            folder,
        }
    }
}

/// The sections that name a database in `folder` and this Redis.
fn stores(folder: &Path, url: &str) -> String {
    format!("{}{}", database(folder), sessions(url))
}

fn database(folder: &Path) -> String {
    let file = folder.join("shared.db");
    format!("[database]\nurl = \"sqlite://{}\"\n", file.display())
}

fn sessions(url: &str) -> String {
    format!("[sessions]\nstore = \"redis\"\nredis_url = \"{url}\"\n")
}
