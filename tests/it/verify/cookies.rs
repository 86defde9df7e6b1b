//! Session cookies that are broken, or too many.

use super::case::{Browser, Case};
use super::verdict::Outcome::{Anonymous, SignIn, User};
use super::world::{Visitor, World};
use crate::support::doorward::Doorward;

const NAME: &str = "__Host-SESSION";
const LOGIN: &str = "https://shop.example.com/login?rd=%2Fx";

fn closed() -> Case<'static> {
    Case::get("shop", "https://shop.example.com/x").browser(Browser::Program)
}

fn maybe() -> Case<'static> {
    Case::get("shop", "https://shop.example.com/maybe/x").browser(Browser::Program)
}

async fn start() -> (World, Visitor) {
    let world = World::start().await;
    let visitor = world.register("shop.example.com", "ada@example.com").await;
    (world, visitor)
}

/// A well-formed value that no session has.
fn unknown(letter: char) -> String {
    format!("{NAME}={}A", letter.to_string().repeat(21))
}

#[tokio::test]
async fn threat_02_a_broken_cookie_is_no_session() {
    let (world, visitor) = start().await;
    world
        .expect(&closed().cookie(&visitor.cookie), User(&visitor.id))
        .await;
    let token = visitor.token();
    let flipped = if token.starts_with('A') { "B" } else { "A" };
    let swapped: String = token
        .chars()
        .map(|c| {
            if c.is_lowercase() {
                c.to_ascii_uppercase()
            } else {
                c.to_ascii_lowercase()
            }
        })
        .collect();
    let broken = [
        String::new(),
        "x".to_owned(),
        token[1..].to_owned(),
        token[..21].to_owned(),
        format!("{flipped}{}", &token[1..]),
        swapped,
        format!("{token}A"),
        format!("{token}="),
        format!("{token}=="),
        format!("{token}.{token}"),
        format!("\"{token}\""),
        format!("{token},{token}"),
        format!("%{:02x}{}", token.as_bytes()[0], &token[1..]),
        "0".repeat(22),
        "/".repeat(22),
        "\u{fc}".repeat(22),
        "null".to_owned(),
        "' OR 1=1 --".to_owned(),
        "${jndi:ldap://evil.example}".to_owned(),
        visitor.id.clone(),
    ];
    for value in broken {
        let pair = format!("{NAME}={value}");
        world
            .expect(&closed().cookie(pair.as_str()), SignIn(LOGIN))
            .await;
        world
            .expect(&maybe().cookie(pair.as_str()), Anonymous)
            .await;
    }
}

#[tokio::test]
async fn only_the_cookie_of_that_name_counts() {
    let (world, visitor) = start().await;
    let token = visitor.token();
    let names = [
        "SESSION",
        "__Secure-SESSION",
        "__host-session",
        "__Host-session",
        "__Host-SESSIO",
        "__Host-SESSIONS",
        "X__Host-SESSION",
        "__Host-SESSION[]",
        "__Host%2dSESSION",
        "id",
    ];
    for name in names {
        let pair = format!("{name}={token}");
        world.expect(&closed().cookie(pair), SignIn(LOGIN)).await;
    }
    let others = [
        "{}",
        "a=b; {}",
        "{}; a=b",
        "a=b;{};c=d",
        "a; ;; {};",
        "  {}  ",
        "a=\"x; {}",
        "theme=dark; lang=de; {}",
    ];
    for line in others {
        let line = line.replace("{}", &visitor.cookie);
        world
            .expect(&closed().cookie(line), User(&visitor.id))
            .await;
    }
    let in_another_header = closed()
        .header("Cookie2", &visitor.cookie)
        .header("Authorization", format!("Bearer {token}"))
        .header("X-Session", token);
    world.expect(&in_another_header, SignIn(LOGIN)).await;
}

#[tokio::test]
async fn threat_19_the_same_cookie_twice_is_one() {
    let (world, visitor) = start().await;
    let cookie = visitor.cookie.as_str();
    let user = User(&visitor.id);
    let in_a_line = closed().cookie(format!("{cookie}; {cookie}"));
    world.expect(&in_a_line, user.clone()).await;
    let in_two_lines = closed().cookie(cookie).cookie("a=b").cookie(cookie);
    world.expect(&in_two_lines, user.clone()).await;
    let abandoned = closed().cookie(format!("{}; {cookie}", unknown('x')));
    world.expect(&abandoned, user.clone()).await;
    let abandoned = closed().cookie(cookie).cookie(unknown('x'));
    world.expect(&abandoned, user).await;
}

#[tokio::test]
async fn threat_19_two_live_sessions_are_none() {
    let (world, visitor) = start().await;
    let again = world.sign_in("shop.example.com", "ada@example.com").await;
    let other = world.register("shop.example.com", "eve@example.com").await;
    for second in [&again, &other] {
        world
            .expect(&closed().cookie(&second.cookie), User(&second.id))
            .await;
        let both = format!("{}; {}", visitor.cookie, second.cookie);
        world.expect(&closed().cookie(both), SignIn(LOGIN)).await;
        let both = closed().cookie(&second.cookie).cookie(&visitor.cookie);
        world.expect(&both, SignIn(LOGIN)).await;
    }
    // A session of another app does not get in the way.
    let elsewhere = world
        .register("curious.example.com", "ada@example.com")
        .await;
    let both = closed().cookie(format!("{}; {}", elsewhere.cookie, visitor.cookie));
    world.expect(&both, User(&visitor.id)).await;
}

#[tokio::test]
async fn threat_19_four_candidates_are_tried_and_no_fifth() {
    let (world, visitor) = start().await;
    let candidates = |count: usize| {
        let dead = ["a", "b", "c", "d", "e"].iter().take(count);
        let dead = dead.map(|letter| unknown(letter.chars().next().unwrap_or_default()));
        dead.collect::<Vec<_>>().join("; ")
    };
    let fourth = closed().cookie(format!("{}; {}", candidates(3), visitor.cookie));
    world.expect(&fourth, User(&visitor.id)).await;
    let fifth = closed().cookie(format!("{}; {}", candidates(4), visitor.cookie));
    world.expect(&fifth, SignIn(LOGIN)).await;
    let fifth = closed().cookie(candidates(4)).cookie(&visitor.cookie);
    world.expect(&fifth, SignIn(LOGIN)).await;
}

#[tokio::test]
async fn threat_19_oversized_cookies_end_in_a_refusal() {
    let (world, visitor) = start().await;
    let value = |length: usize| format!("{NAME}={}", "A".repeat(length));
    for length in [1_000, 8_000, 40_000] {
        world
            .expect(&closed().cookie(value(length)), SignIn(LOGIN))
            .await;
    }
    // However full of other things the jar is, and whatever they are: a session in it counts, so that it can also end.
    let full = format!("a={}; {}", "b".repeat(40_000), visitor.cookie);
    world
        .expect(&closed().cookie(full), User(&visitor.id))
        .await;
    let many = (0..2_000).map(|index| format!("{NAME}=c{index}"));
    let many = many.collect::<Vec<_>>().join("; ");
    world.expect(&closed().cookie(many), SignIn(LOGIN)).await;
    let many = (0..50).fold(closed(), |case, index| {
        case.cookie(format!("{NAME}=c{index}"))
    });
    world.expect(&many, SignIn(LOGIN)).await;
}

#[tokio::test]
async fn threat_20_the_store_does_not_hold_what_the_cookie_says() {
    let (world, visitor) = start().await;
    world
        .expect(&closed().cookie(&visitor.cookie), User(&visitor.id))
        .await;
    let files = std::fs::read_dir(world.door.data_folder()).expect("a folder");
    let mut looked_at = 0;
    for file in files {
        let content = std::fs::read(file.expect("a file").path()).expect("a file");
        let holds = |needle: &[u8]| content.windows(needle.len()).any(|window| window == needle);
        assert!(!holds(visitor.token().as_bytes()), "the token as text");
        let bytes = decoded(visitor.token());
        assert!(!holds(&bytes), "the token as bytes");
        let reversed: Vec<u8> = bytes.iter().rev().copied().collect();
        assert!(!holds(&reversed), "the token as a number");
        looked_at += usize::from(holds(b"ada@example.com"));
    }
    assert!(looked_at > 0, "the account is in one of the files");
    assert!(
        !world.door.log().contains(visitor.token()),
        "the token in the log"
    );
}

fn decoded(token: &str) -> Vec<u8> {
    use base64::Engine as _;
    let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    engine.decode(token).expect("base64url")
}

#[tokio::test]
async fn the_base_name_is_the_operators() {
    let sessions = "[sessions]\ncookie_name = \"sid\"\n";
    let world = World::start_with(Doorward::builder(), sessions).await;
    let visitor = world.register("shop.example.com", "ada@example.com").await;
    assert!(visitor.cookie.starts_with("__Host-sid="), "{visitor:?}");
    world
        .expect(&closed().cookie(&visitor.cookie), User(&visitor.id))
        .await;
    let usual = format!("{NAME}={}", visitor.token());
    world.expect(&closed().cookie(usual), SignIn(LOGIN)).await;
}
