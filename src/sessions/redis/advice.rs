//! What an operator should know of the Redis that was found at the start.
//!
//! A Redis that forgets sessions works, and signs people out. Must not stop anything.

use std::collections::HashMap;

use fred::clients::Client;
use fred::interfaces::{ClientLike as _, ConfigInterface as _};
use fred::types::InfoKind;

/// Says once what is wrong with how Redis is set up, if anything is.
pub(super) async fn give(client: &Client) {
    if let Some(policy) = eviction_policy(client).await
        && let Some(advice) = on_eviction(&policy)
    {
        tracing::warn!(maxmemory_policy = policy, "{advice}");
    }
    let saves = setting(client, "save").await;
    let appends = setting(client, "appendonly").await;
    if let Some(advice) = on_persistence(saves.as_deref(), appends.as_deref()) {
        tracing::warn!("{advice}");
    }
}

fn on_persistence(saves: Option<&str>, appends: Option<&str>) -> Option<&'static str> {
    match (saves, appends) {
        (Some(""), Some("no")) => {
            Some("Redis writes nothing to disk: when it is restarted, everybody is signed out")
        }
        (Some(_), Some("no")) => Some(
            "Redis keeps snapshots alone: after a crash, sessions that were ended since the last one are back. \
             Set appendonly to yes",
        ),
        _ => None,
    }
}

fn on_eviction(policy: &str) -> Option<&'static str> {
    (policy != "noeviction").then_some(
        "Redis may drop sessions when its memory is full, which signs people out: set maxmemory-policy to noeviction",
    )
}

/// Where CONFIG is not allowed, INFO says it too.
async fn eviction_policy(client: &Client) -> Option<String> {
    match setting(client, "maxmemory-policy").await {
        Some(policy) => Some(policy),
        None => {
            let memory: String = client.info(Some(InfoKind::Memory)).await.ok()?;
            fact(&memory, "maxmemory_policy")
        }
    }
}

async fn setting(client: &Client, name: &'static str) -> Option<String> {
    let settings: HashMap<String, String> = client.config_get(name).await.ok()?;
    settings.get(name).cloned()
}

fn fact(info: &str, name: &str) -> Option<String> {
    let mut facts = info.lines().filter_map(|line| line.split_once(':'));
    let found = facts.find(|(fact, _)| *fact == name);
    found.map(|(_, value)| value.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_policy_that_drops_keys_is_told_of() {
        assert_eq!(on_eviction("noeviction"), None);
        for policy in [
            "allkeys-lru",
            "volatile-lru",
            "volatile-ttl",
            "allkeys-random",
        ] {
            assert!(on_eviction(policy).is_some(), "{policy}");
        }
    }

    #[test]
    fn a_redis_that_comes_back_empty_or_older_is_told_of() {
        let on = |saves, appends| on_persistence(Some(saves), Some(appends)).unwrap_or_default();
        assert!(on("", "no").contains("signed out"));
        assert!(on("3600 1 300 100", "no").contains("appendonly"));
        assert_eq!(on("3600 1", "yes"), "");
        assert_eq!(on_persistence(None, None), None);
    }

    #[test]
    fn a_fact_is_read_from_what_redis_tells() {
        let info = "# Memory\r\nused_memory:1\r\nmaxmemory_policy:allkeys-lru\r\n";
        let policy = fact(info, "maxmemory_policy");
        assert_eq!(policy.as_deref(), Some("allkeys-lru"));
        assert_eq!(fact(info, "maxmemory"), None);
    }
}
