//! Which user a command is about: named by e-mail address within a pool, or by id.

use std::str::FromStr;

use anyhow::bail;
use clap::Args;

use super::pool::PoolChoice;
use crate::config::Config;
use crate::domain::email::Email;
use crate::domain::ids::UserId;
use crate::domain::user::User;
use crate::services::Services;
use crate::services::accounts::{AccountError, Found};

#[derive(Debug, Args)]
pub(super) struct Who {
    /// The user's e-mail address or id
    #[arg(value_name = "USER")]
    name: UserName,
    #[command(flatten)]
    pool: PoolChoice,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum UserName {
    Email(Email),
    Id(UserId),
}

impl FromStr for UserName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.contains('@') {
            let email = Email::parse(text).map(Self::Email);
            return email.map_err(|error| format!("an e-mail address that {error}"));
        }
        let id = text.parse().map(Self::Id);
        id.map_err(|_| "neither an e-mail address nor the id of a user".to_owned())
    }
}

impl Who {
    /// The user.
    pub(super) async fn find(&self, config: &Config, services: &Services) -> anyhow::Result<User> {
        Ok(self.find_account(config, services).await?.user)
    }

    /// The user, and whether there is a password.
    pub(super) async fn find_account(
        &self,
        config: &Config,
        services: &Services,
    ) -> anyhow::Result<Found> {
        match &self.name {
            UserName::Email(email) => {
                let pool = self.pool.of(config)?;
                match services.accounts.by_email(&pool, email).await {
                    Err(AccountError::NotFound) => {
                        bail!("the pool {pool} has no user {}", email.as_str())
                    }
                    found => Ok(found?),
                }
            }
            UserName::Id(id) => match services.accounts.by_id(*id).await {
                Err(AccountError::NotFound) => bail!("there is no user with the id {id}"),
                found => self.within_pool(found?),
            },
        }
    }

    fn within_pool(&self, found: Found) -> anyhow::Result<Found> {
        let user = &found.user;
        match self.pool.explicit() {
            Some(pool) if *pool != user.pool => {
                bail!(
                    "the user {} is in the pool {}, not in {pool}",
                    user.id,
                    user.pool
                )
            }
            _ => Ok(found),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_named_by_address_or_by_id() {
        let email = Email::parse("ada@example.com").unwrap();
        assert_eq!("Ada@Example.com".parse(), Ok(UserName::Email(email)));
        let id = "3f0c9a52-7d41-4b8e-9c66-1e5a0b2d7f83";
        assert_eq!(
            id.to_uppercase().parse(),
            Ok(UserName::Id(id.parse().unwrap()))
        );
        for (text, error) in [
            ("ada", "neither an e-mail address nor the id of a user"),
            (
                "ada@@example.com",
                "an e-mail address that must have exactly one @",
            ),
        ] {
            assert_eq!(text.parse::<UserName>(), Err(error.into()));
        }
    }
}
