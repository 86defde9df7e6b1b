//! Redirect loops, and the second tab: what a browser with a live session meets at `/login`.

use super::support::doorward::Doorward;
use super::support::http::{Answer, navigate, post_form};
use super::visitor::{PASSWORD, SHOP, SHOP_TOML, register, registered, who};

const EMAIL: &str = "ann@example.com";

/// A browser that follows an app back to `/login` again and again, with its cookies.
struct Browser<'d> {
    doorward: &'d Doorward,
    cookies: String,
}

impl Browser<'_> {
    async fn arrive(&mut self, rd: &str) -> Answer {
        let url = format!("{}/login?rd={rd}", self.doorward.public());
        let answer = navigate(&url, &[("cookie", &self.cookies)]).await;
        for cookie in answer.cookies() {
            let kept = self
                .cookies
                .split("; ")
                .filter(|pair| !pair.starts_with(&format!("{}=", cookie.name)));
            self.cookies = kept
                .map(str::to_owned)
                .chain([cookie.pair()])
                .collect::<Vec<_>>()
                .join("; ");
        }
        answer
    }
}

#[tokio::test]
async fn threat_27_the_third_arrival_is_told_why() {
    let doorward = Doorward::builder().start().await;
    let cookies = registered(&doorward, EMAIL).await;
    let mut browser = Browser {
        doorward: &doorward,
        cookies,
    };
    assert_eq!(browser.arrive("/a").await.status, 303);
    assert_eq!(browser.arrive("/a").await.status, 303);
    let page = browser.arrive("/a").await;
    assert_eq!((page.status.as_u16(), page.location()), (200, None));
    for part in ["SESSION", doorward.public(), r#"href="/a""#] {
        assert!(page.body.contains(part), "{part} in {}", page.body);
    }
    assert_eq!(
        browser.arrive("/a").await.status,
        200,
        "as long as it goes on"
    );
    assert_eq!(
        browser.arrive("/b").await.status,
        303,
        "somewhere else is no loop"
    );
    assert!(
        who(&doorward, &browser.cookies).await.is_some(),
        "nobody is signed out for it"
    );
}

#[tokio::test]
async fn threat_27_different_ways_back_are_no_loop() {
    let doorward = Doorward::builder().start().await;
    let cookies = registered(&doorward, EMAIL).await;
    let mut browser = Browser {
        doorward: &doorward,
        cookies,
    };
    for rd in ["/a", "/b", "/a", "/b", "/a", "/b", "/c", "/d"] {
        let answer = browser.arrive(rd).await;
        assert_eq!((answer.status.as_u16(), answer.location()), (303, Some(rd)));
    }
}

#[tokio::test]
async fn threat_27_without_a_session_there_is_a_form_and_no_count() {
    let doorward = Doorward::builder().start().await;
    let mut browser = Browser {
        doorward: &doorward,
        cookies: String::new(),
    };
    for _ in 0..5 {
        let page = browser.arrive("/a").await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains(r#"name="password""#) && page.cookies().is_empty());
    }
}

#[tokio::test]
async fn the_count_is_a_short_lived_cookie_that_nobody_can_misuse() {
    let doorward = Doorward::builder().toml(SHOP_TOML).start().await;
    let session = register(&doorward, &[SHOP], EMAIL)
        .await
        .cookie("__Host-SESSION")
        .pair();
    let url = format!("{}/login?rd=/secret-page", doorward.public());
    let answer = navigate(&url, &[SHOP, ("cookie", &session)]).await;
    let count = answer.cookie("doorward-arrivals");
    assert!(!count.value.contains("secret"), "{count:?}");
    for (name, value) in [
        ("max-age", "10"),
        ("path", "/"),
        ("httponly", ""),
        ("secure", ""),
        ("samesite", "Lax"),
    ] {
        assert_eq!(count.attribute(name), Some(value), "{name}");
    }
    for broken in [
        "",
        "x",
        "a.b.c",
        "....",
        "9999999999999999999.1.1",
        &"9".repeat(5000),
    ] {
        let cookies = format!("{session}; doorward-arrivals={broken}");
        let answer = navigate(&url, &[SHOP, ("cookie", &cookies)]).await;
        assert_eq!(answer.location(), Some("/secret-page"), "{broken:.20}");
    }
}

#[tokio::test]
async fn threat_26_two_tabs_can_both_sign_in() {
    let doorward = Doorward::builder().start().await;
    let login = format!("{}/login", doorward.public());
    let old = registered(&doorward, EMAIL).await;
    let fields = [("email", EMAIL), ("password", PASSWORD), ("rd", "/x")];
    // Both tabs were opened before anybody was signed in.
    let first = post_form(&login, &[], &fields).await;
    let cookie = first.cookie("SESSION").pair();
    let second = post_form(&login, &[("cookie", &cookie)], &fields).await;
    for answer in [&first, &second] {
        assert_eq!(
            (answer.status.as_u16(), answer.location()),
            (303, Some("/x"))
        );
    }
    assert!(
        who(&doorward, &second.cookie("SESSION").pair())
            .await
            .is_some()
    );
    // The two forms cross on the way, both with the old cookie or with none.
    for headers in [&[][..], &[("cookie", old.as_str())]] {
        let (one, other) = tokio::join!(
            post_form(&login, headers, &fields),
            post_form(&login, headers, &fields)
        );
        for answer in [one, other] {
            assert_eq!(
                (answer.status.as_u16(), answer.location()),
                (303, Some("/x"))
            );
            assert!(
                who(&doorward, &answer.cookie("SESSION").pair())
                    .await
                    .is_some()
            );
        }
    }
    // A tab that comes late, with a live session, just goes on.
    let cookie = second.cookie("SESSION").pair();
    let late = navigate(&format!("{login}?rd=/x"), &[("cookie", &cookie)]).await;
    assert_eq!((late.status.as_u16(), late.location()), (303, Some("/x")));
}

#[tokio::test]
async fn threat_26_a_form_older_than_a_logout_still_works() {
    let doorward = Doorward::builder().start().await;
    let cookie = registered(&doorward, EMAIL).await;
    let page = navigate(&format!("{}/login", doorward.public()), &[]).await;
    assert!(
        !page.body.contains("csrf") && page.cookies().is_empty(),
        "no token to grow old"
    );
    let logout = format!("{}/logout", doorward.public());
    post_form(&logout, &[("cookie", &cookie)], &[]).await;
    let again = post_form(&logout, &[("cookie", &cookie)], &[]).await;
    assert_eq!(again.status, 303, "the other tab's sign-out");
    let fields = [("email", EMAIL), ("password", PASSWORD)];
    let answer = post_form(
        &format!("{}/login", doorward.public()),
        &[("cookie", &cookie)],
        &fields,
    )
    .await;
    assert_eq!(answer.status, 303);
}
