//! `doorward demo`, as somebody meets it who has just found Doorward: started with one command, walked through, stopped.

pub(crate) mod running;
pub(crate) mod town;

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use crate::support::doorward::run;
use crate::support::http::{Jar, get, navigate, post_form};
use crate::support::provider::{parameter, with_parameter};
use running::{Demo, page, reader};

#[tokio::test]
async fn a_stranger_is_led_through_the_whole_of_it() {
    let demo = Demo::start(&["--listen", "127.0.0.1:0"]).await;
    assert!(
        demo.address.starts_with("http://localhost:"),
        "{}",
        demo.address
    );

    let home = navigate(&demo.url("/"), &[]).await;
    assert_eq!(home.status, 200);
    assert!(
        home.body.contains("href=\"/login?rd=/members\""),
        "nobody is signed in: {}",
        home.body
    );
    assert_eq!(get(&demo.url("/assets/demo.css"), &[]).await.status, 200);
    for closed in ["/members", "/proof"] {
        let answer = navigate(&demo.url(closed), &[]).await;
        let sign_in = format!("{}/login?rd=%2F{}", demo.address, &closed[1..]);
        assert_eq!(
            (answer.status.as_u16(), answer.location()),
            (302, Some(sign_in.as_str()))
        );
    }
}

#[tokio::test]
async fn a_reader_registers_sees_the_proof_and_signs_out() {
    let demo = Demo::start(&["--listen", "127.0.0.1:0"]).await;
    let cookie = demo.register("reader@example.com").await;
    let id = reader(&page(&demo.url("/members"), &cookie).await);
    let home = page(&demo.url("/"), &cookie).await;
    assert!(
        home.body.contains(&id[..8]) && home.body.contains("href=\"/logout\""),
        "{}",
        home.body
    );
    assert_eq!(page(&demo.url("/nowhere"), &cookie).await.status, 404);

    let proof = page(&demo.url("/proof"), &cookie).await;
    let believed =
        format!("<strong>Believed.</strong> This request comes from user <code>{id}</code>");
    assert_eq!(proof.body.matches(&believed).count(), 1, "{}", proof.body);
    assert_eq!(
        proof.body.matches("<strong>Refused.</strong>").count(),
        3,
        "{}",
        proof.body
    );
    assert_eq!(
        proof
            .body
            .matches("not signed with one of our keys")
            .count(),
        2,
        "{}",
        proof.body
    );
    assert_eq!(
        proof.body.matches("X-UserId is 300 s old").count(),
        1,
        "{}",
        proof.body
    );

    let origin = [("origin", demo.address.as_str()), ("cookie", &cookie)];
    let answer = post_form(&demo.url("/logout"), &origin, &[]).await;
    assert!(
        answer.status.is_success() || answer.status.is_redirection(),
        "{}",
        answer.status
    );
    assert_eq!(
        page(&demo.url("/members"), &cookie).await.status,
        302,
        "the captured cookie is dead"
    );
}

#[tokio::test]
async fn somebody_comes_in_by_the_pretend_provider() {
    let demo = Demo::start(&["--listen", "127.0.0.1:0"]).await;
    let sign_in = navigate(&demo.url("/login"), &[]).await;
    assert!(
        sign_in.body.contains("Sign in with Town ID"),
        "{}",
        sign_in.body
    );
    let mut jar = Jar::default();
    let answer = town::come_in_as(&demo.address, "reader", &mut jar).await;
    assert_eq!(
        (answer.status.as_u16(), answer.location()),
        (303, Some("/members")),
        "{}",
        answer.body
    );
    let id = reader(&page(&demo.url("/members"), &jar.line()).await);
    let mut again = Jar::default();
    town::come_in_as(&demo.address, "reader", &mut again).await;
    assert_eq!(
        reader(&page(&demo.url("/members"), &again.line()).await),
        id,
        "the same reader"
    );
}

#[tokio::test]
async fn the_pretend_provider_sends_nobody_away_from_this_machine() {
    let demo = Demo::start(&["--listen", "127.0.0.1:0"]).await;
    let answer = navigate(&demo.url("/login/town-id"), &[]).await;
    let there = answer.location().expect("the provider").to_owned();
    assert_eq!(navigate(&there, &[]).await.status, 200);
    let callback = parameter(&there, "redirect_uri").expect("an address");
    for (name, value) in [
        ("redirect_uri", Some("https://evil.example/callback")),
        (
            "redirect_uri",
            Some("http://localhost.evil.example/callback"),
        ),
        ("redirect_uri", Some(callback.trim_end_matches("/callback"))),
        ("redirect_uri", None),
        ("client_id", Some("another")),
        ("code_challenge_method", Some("plain")),
        ("code_challenge", None),
        ("response_type", Some("token")),
        ("state", None),
    ] {
        let wrong = with_parameter(&there, name, value);
        let answer = navigate(&wrong, &[]).await;
        assert_eq!(answer.status, 400, "{name} {value:?}");
        assert!(
            answer.location().is_none() && !answer.body.contains("evil"),
            "{}",
            answer.body
        );
    }
    let page = navigate(&there, &[]).await;
    let mut fields = town::hidden(&page);
    fields.push(("name".to_owned(), "<script>".to_owned()));
    fields.push(("do".to_owned(), "continue".to_owned()));
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let answer = post_form(there.split('?').next().expect("a path"), &[], &fields).await;
    assert_eq!(answer.status, 400);
    assert!(!answer.body.contains("<script>"), "{}", answer.body);
}

#[tokio::test]
async fn threat_11_a_header_from_outside_never_reaches_the_shop() {
    let demo = Demo::start(&["--listen", "127.0.0.1:0"]).await;
    let cookie = demo.register("reader@example.com").await;
    let id = reader(&page(&demo.url("/members"), &cookie).await);

    let forged = "11111111-2222-4333-8444-555555555555.1750000000.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let header = ("x-userid", forged);
    assert_eq!(navigate(&demo.url("/members"), &[header]).await.status, 302);
    let home = navigate(&demo.url("/"), &[header, ("x_userid", forged)]).await;
    assert!(
        home.status == 200 && !home.body.contains("11111111"),
        "{}",
        home.body
    );
    let proof = navigate(&demo.url("/proof"), &[header, ("cookie", &cookie)]).await;
    assert!(
        proof.body.contains(&id) && !proof.body.contains("11111111"),
        "{}",
        proof.body
    );
}

#[tokio::test]
async fn past_the_door_the_shop_answers_nobody() {
    let demo = Demo::start(&["--listen", "127.0.0.1:0"]).await;
    let shop = demo.shop();
    let none = get(&format!("{shop}/"), &[]).await;
    assert_eq!(none.status, 403);
    assert!(
        none.body.contains("did not come through the door"),
        "{}",
        none.body
    );
    let host = demo.address.strip_prefix("http://").expect("http");
    let signed = "anonymous.1750000000.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    for headers in [
        &[("x-userid", signed)][..],
        &[("x-userid", signed), ("host", host)],
    ] {
        for path in ["/", "/members", "/proof", "/nowhere"] {
            assert_eq!(
                get(&format!("{shop}{path}"), headers).await.status,
                403,
                "{path}"
            );
        }
    }
    assert_eq!(
        get(&format!("{shop}/assets/demo.css"), &[]).await.status,
        200,
        "that page has a style"
    );
}

#[tokio::test]
async fn it_leaves_nothing_behind() {
    let mut demo = Demo::start(&["--listen", "127.0.0.1:0"]).await;
    let folders = demo.folders();
    assert_eq!(folders.len(), 1, "{folders:?}");
    assert_private(&folders[0]);
    assert!(
        demo.process
            .log()
            .contains(&folders[0].display().to_string()),
        "it says where its data is"
    );
    demo.register("reader@example.com").await;
    demo.process.signal("TERM");
    assert_eq!(demo.process.wait().await, 0, "{}", demo.process.log());
    assert!(demo.folders().is_empty(), "{:?}", demo.folders());
    assert!(
        demo.process.log().contains("Stopped."),
        "{}",
        demo.process.log()
    );
}

fn assert_private(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(folder)
        .expect("own folder")
        .permissions()
        .mode();
    assert_eq!(
        mode & 0o077,
        0,
        "the key in it is nobody else's business: {mode:o}"
    );
}

#[tokio::test]
async fn the_question_it_prints_is_answered() {
    let demo = Demo::start(&["--listen", "127.0.0.1:0"]).await;
    let log = demo.process.log();
    let verify = log
        .split_whitespace()
        .find(|word| word.ends_with("/verify/nginx"))
        .expect("an address");
    for (path, status) in [("/", 200), ("/members", 401)] {
        let url = demo.url(path);
        let answer = get(
            verify,
            &[("x-original-method", "GET"), ("x-original-url", &url)],
        )
        .await;
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(answer.header("x-userid").is_some(), status == 200, "{path}");
    }
}

#[tokio::test]
async fn a_port_that_is_taken_is_stepped_aside_for_unless_it_was_asked_for() {
    // If somebody else has it, so much the better.
    let _usual = TcpListener::bind("127.0.0.1:8080");
    let demo = Demo::start(&[]).await;
    assert!(!demo.address.ends_with(":8080"), "{}", demo.address);
    assert!(
        demo.process.log().contains("Port 8080 is taken"),
        "{}",
        demo.process.log()
    );

    let taken = demo.address.replace("http://localhost", "127.0.0.1");
    let refused = run(None, &["demo", "--listen", &taken]).await;
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains(&taken) && said.contains("in use"), "{said}");

    let open = run(None, &["demo", "--listen", "0.0.0.0:0"]).await;
    assert_eq!(open.status.code(), Some(2));
    assert!(
        String::from_utf8_lossy(&open.stderr).contains("loopback"),
        "{open:?}"
    );
}
