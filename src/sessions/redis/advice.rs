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
    if keeps_nothing(client).await {
        tracing::warn!(
            "Redis writes nothing to disk: when it is restarted, everybody is signed out"
        );
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

async fn keeps_nothing(client: &Client) -> bool {
    let saves = setting(client, "save").await;
    let appends = setting(client, "appendonly").await;
    matches!(
        (saves.as_deref(), appends.as_deref()),
        (Some(""), Some("no"))
    )
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
    fn a_fact_is_read_from_what_redis_tells() {
        let info = "# Memory\r\nused_memory:1\r\nmaxmemory_policy:allkeys-lru\r\n";
        let policy = fact(info, "maxmemory_policy");
        assert_eq!(policy.as_deref(), Some("allkeys-lru"));
        assert_eq!(fact(info, "maxmemory"), None);
    }
}
