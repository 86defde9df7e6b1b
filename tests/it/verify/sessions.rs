//! Sessions that count, and those that don't.

use super::case::{Browser, Case};
use super::verdict::Outcome::{SignIn, User};
use super::world::World;
use crate::support::http::send;

const LOGIN: &str = "https://shop.example.com/login?rd=%2Fx";

fn closed() -> Case<'static> {
    Case::get("shop", "https://shop.example.com/x").browser(Browser::Program)
}

#[tokio::test]
async fn a_session_of_another_app_is_none() {
    let world = World::start().await;
    // The same people, and no shared cookie.
    let shop = world.register("shop.example.com", "ada@example.com").await;
    let lenient = world
        .sign_in("lenient.example.com", "ada@example.com")
        .await;
    assert_eq!(shop.id, lenient.id);
    world
        .expect(&closed().cookie(&lenient.cookie), SignIn(LOGIN))
        .await;
    let admin = Case::get("lenient", "https://lenient.example.com/admin");
    let login = "https://lenient.example.com/login?rd=%2Fadmin";
    world
        .expect(&admin.clone().cookie(&shop.cookie), SignIn(login))
        .await;
    world
        .expect(&admin.cookie(&lenient.cookie), User(&lenient.id))
        .await;
    // Other people.
    let curious = world
        .register("curious.example.com", "ada@example.com")
        .await;
    assert_ne!(shop.id, curious.id);
    world
        .expect(&closed().cookie(&curious.cookie), SignIn(LOGIN))
        .await;
    world
        .expect(&closed().cookie(&shop.cookie), User(&shop.id))
        .await;
}

#[tokio::test]
async fn threat_18_a_captured_cookie_is_dead_after_logout() {
    let world = World::start().await;
    let visitor = world.register("shop.example.com", "ada@example.com").await;
    let other = world.sign_in("shop.example.com", "ada@example.com").await;
    world
        .expect(&closed().cookie(&visitor.cookie), User(&visitor.id))
        .await;
    let url = format!("{}/logout", world.door.public());
    let headers = [
        ("host", "shop.example.com"),
        ("cookie", visitor.cookie.as_str()),
        ("content-type", "application/json"),
        ("accept", "application/json"),
    ];
    let answer = send("POST", &url, &headers, "{}").await;
    assert!(answer.status.is_success(), "{answer:?}");
    world
        .expect(&closed().cookie(&visitor.cookie), SignIn(LOGIN))
        .await;
    world
        .expect(&closed().cookie(&other.cookie), User(&visitor.id))
        .await;
}

#[tokio::test]
async fn threat_02_a_session_that_can_not_be_read_is_none() {
    let world = World::start().await;
    let visitor = world.register("shop.example.com", "ada@example.com").await;
    let known = closed().cookie(&visitor.cookie);
    world.expect(&known, User(&visitor.id)).await;
    for (broken, whole) in [
        (
            "UPDATE sessions SET factors = 'palm-reading'",
            "UPDATE sessions SET factors = 'password'",
        ),
        (
            "UPDATE sessions SET app = 'No App'",
            "UPDATE sessions SET app = 'shop'",
        ),
        (
            "UPDATE users SET roles = 'Ünsinn'",
            "UPDATE users SET roles = ''",
        ),
        (
            "UPDATE users SET disabled = TRUE",
            "UPDATE users SET disabled = FALSE",
        ),
        (
            "UPDATE users SET pool = 'elsewhere'",
            "UPDATE users SET pool = 'people'",
        ),
        (
            "UPDATE sessions SET pool = 'elsewhere'",
            "UPDATE sessions SET pool = 'people'",
        ),
        (
            "UPDATE users SET epoch = epoch + 1",
            "UPDATE users SET epoch = epoch - 1",
        ),
    ] {
        world.sql(broken).await;
        world.expect(&known, SignIn(LOGIN)).await;
        world.sql(whole).await;
        world.expect(&known, User(&visitor.id)).await;
    }
    for end in ["UPDATE sessions SET expires_at = 1", "DELETE FROM users"] {
        world.sql(end).await;
        world.expect(&known, SignIn(LOGIN)).await;
    }
}
