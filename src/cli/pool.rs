//! Which pool of users a command works on.

use std::collections::BTreeSet;

use anyhow::bail;
use clap::Args;

use crate::config::Config;
use crate::domain::ids::PoolId;

#[derive(Debug, Args)]
pub(super) struct PoolChoice {
    /// The pool of users; needed where the configuration has several
    #[arg(long = "pool", value_name = "POOL")]
    chosen: Option<PoolId>,
}

impl PoolChoice {
    /// The pool that was chosen, or the only one there is.
    pub(super) fn of(&self, config: &Config) -> anyhow::Result<PoolId> {
        let pools = config
            .apps
            .values()
            .map(|app| &app.users)
            .chain(config.pools.keys());
        choose(self.chosen.as_ref(), pools.collect())
    }

    /// The pool that was chosen, if one was.
    pub(super) const fn explicit(&self) -> Option<&PoolId> {
        self.chosen.as_ref()
    }
}

fn choose(chosen: Option<&PoolId>, pools: BTreeSet<&PoolId>) -> anyhow::Result<PoolId> {
    let all = || {
        pools
            .iter()
            .map(|pool| pool.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let mut each = pools.iter();
    match (chosen, each.next(), each.next()) {
        (Some(pool), ..) if pools.contains(pool) => Ok(pool.clone()),
        (Some(pool), Some(_), None) => bail!("there is no pool {pool}; the only pool is {}", all()),
        (Some(pool), ..) => bail!("there is no pool {pool}; the pools are {}", all()),
        (None, Some(only), None) => Ok((*only).clone()),
        (None, ..) => bail!("there are several pools: add --pool and one of {}", all()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(word: Option<&str>, pools: &[&str]) -> Result<String, String> {
        let pools: Vec<PoolId> = pools.iter().map(|pool| pool.parse().unwrap()).collect();
        let word = word.map(|word| word.parse().unwrap());
        let choice = choose(word.as_ref(), pools.iter().collect());
        choice
            .map(|pool| pool.to_string())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_only_pool_goes_without_saying() {
        assert_eq!(chosen(None, &["shop", "shop"]), Ok("shop".into()));
        assert_eq!(chosen(Some("shop"), &["shop"]), Ok("shop".into()));
        assert_eq!(chosen(Some("wiki"), &["wiki", "shop"]), Ok("wiki".into()));
    }

    #[test]
    fn an_error_names_the_pools() {
        let several = "there are several pools: add --pool and one of shop, wiki";
        assert_eq!(chosen(None, &["wiki", "shop"]), Err(several.into()));
        let unknown = "there is no pool wikki; the pools are shop, wiki";
        assert_eq!(
            chosen(Some("wikki"), &["wiki", "shop"]),
            Err(unknown.into())
        );
        let only = "there is no pool wiki; the only pool is shop";
        assert_eq!(chosen(Some("wiki"), &["shop"]), Err(only.into()));
    }
}
