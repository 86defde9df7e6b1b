//! `doorward user list`: a page at a time, so that it is no matter how many there are.

use clap::Args;

use super::listed;
use super::record::{Record, state};
use crate::cli::json::Array;
use crate::cli::layout::Table;
use crate::cli::pool::PoolChoice;
use crate::cli::{moment, print};
use crate::config::Config;
use crate::domain::ids::{PoolId, UserId};
use crate::domain::user::User;
use crate::services::Services;

const PAGE: u32 = 500;
const TITLES: [&str; 5] = ["EMAIL", "STATE", "ROLES", "CREATED", "ID"];

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    pool: PoolChoice,
    /// Print a JSON array
    #[arg(long)]
    json: bool,
}

/// Lists them.
pub(super) async fn run(
    arguments: &Arguments,
    config: &Config,
    services: &Services,
) -> anyhow::Result<()> {
    let pool = arguments.pool.of(config)?;
    let (mut table, mut array) = (Table::new(TITLES), Array::default());
    let mut after = After::Start;
    while let Some(users) = page(services, &pool, &mut after).await? {
        let page = match arguments.json {
            true => array.more(users.iter().map(Record::from))?,
            false => table.lines(users.iter().map(row).collect()),
        };
        print::block(&page)?;
    }
    if arguments.json {
        print::block(array.end())?;
    } else if after == After::Start {
        print::note(format!("The pool {pool} has no users."));
    }
    Ok(())
}

/// Where the last page ended. Accounts without an address come last, by id.
#[derive(Debug, PartialEq, Eq)]
enum After {
    Start,
    Email(String),
    Id(UserId),
}

/// The next page; nothing when there is none.
async fn page(
    services: &Services,
    pool: &PoolId,
    after: &mut After,
) -> anyhow::Result<Option<Vec<User>>> {
    let accounts = &services.accounts;
    let with_email = match &*after {
        After::Start => accounts.list(pool, "", PAGE).await?,
        After::Email(email) => accounts.list(pool, email, PAGE).await?,
        After::Id(_) => Vec::new(),
    };
    let last = with_email.last().and_then(|user| user.email.as_ref());
    if let Some(last) = last {
        *after = After::Email(last.as_str().to_owned());
        return Ok(Some(with_email));
    }
    let first = match &*after {
        After::Id(id) => *id,
        After::Start | After::Email(_) => UserId(uuid::Uuid::nil()),
    };
    let others = accounts.list_without_email(pool, first, PAGE).await?;
    Ok(others.last().map(|last| last.id).map(|id| {
        *after = After::Id(id);
        others
    }))
}

fn row(user: &User) -> [String; 5] {
    let roles = listed(&user.roles);
    [
        user.email
            .as_ref()
            .map_or("-", |email| email.as_str())
            .to_owned(),
        state(user).to_owned(),
        if roles.is_empty() {
            "-".to_owned()
        } else {
            roles
        },
        moment::for_people(user.created_at),
        user.id.to_string(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clock::Timestamp;

    #[test]
    fn a_row_and_a_record_say_everything_about_a_user() {
        let user = User {
            id: "3f0c9a52-7d41-4b8e-9c66-1e5a0b2d7f83".parse().unwrap(),
            pool: "shop".parse().unwrap(),
            email: Some("ada@example.com".parse().unwrap()),
            email_proven_at: None,
            roles: vec!["admin".parse().unwrap(), "staff".parse().unwrap()],
            disabled: false,
            created_at: Timestamp::from_seconds(1_795_348_865),
        };
        assert_eq!(
            Table::new(TITLES).lines(vec![row(&user)]),
            "EMAIL            STATE    ROLES         CREATED               ID\n\
             ada@example.com  enabled  admin, staff  2026-11-22 12:01 UTC  \
             3f0c9a52-7d41-4b8e-9c66-1e5a0b2d7f83\n"
        );
        assert_eq!(
            serde_json::to_string(&Record::from(&user)).unwrap(),
            r#"{"id":"3f0c9a52-7d41-4b8e-9c66-1e5a0b2d7f83","pool":"shop","email":"ada@example.com","email_proven_at":null,"#
                .to_owned()
                + r#""roles":["admin","staff"],"disabled":false,"created_at":"2026-11-22T12:01:05Z"}"#
        );
    }
}
