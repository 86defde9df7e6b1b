//! THREATS 39: many at once, and nobody is anybody else.

use std::collections::HashSet;

use super::super::support::doorward::Db;
use super::{World, words};

const PEOPLE: usize = 200;

#[tokio::test]
async fn threat_39_two_hundred_at_once_are_not_swapped() {
    for database in [Db::Sqlite, Db::Postgres] {
        let world = World::build("trust_email = true", "", |builder| {
            builder.database(database)
        })
        .await;
        let first = all_at_once(&world).await;
        let users: HashSet<_> = first.iter().collect();
        assert_eq!(
            users.len(),
            PEOPLE,
            "{database:?}: everybody has an account of their own"
        );
        let second = all_at_once(&world).await;
        assert_eq!(first, second, "{database:?}: and comes back to it");
    }
}

/// The user ids of everybody, each of whom sees their own address.
async fn all_at_once(world: &World) -> Vec<String> {
    let people = (0..PEOPLE).map(|number| async move {
        let login = format!("person-{number}");
        let mut browser = world.browser();
        let answer = browser
            .sign_in(&world.provider, "/login/id?rd=%2Faccount", &login)
            .await;
        assert_eq!(
            answer.location(),
            Some("/account"),
            "{login}: {}",
            words(&answer)
        );
        let page = browser.open("/account").await;
        let own = format!("{login}@example.com");
        assert!(words(&page).contains(&own), "{login}: {}", words(&page));
        browser.user().await.expect("signed in")
    });
    futures_util::future::join_all(people).await
}
