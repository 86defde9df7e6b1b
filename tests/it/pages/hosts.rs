//! Which app a request is for, and where its pages lie.

use super::super::support::doorward::Doorward;
use super::super::support::http::{get, navigate, send};
use super::super::visitor::{SHOP, SHOP_TOML};
use super::{PAGES, check_headers};

#[tokio::test]
async fn threat_09_a_host_that_no_app_has_is_refused() {
    let doorward = Doorward::builder().toml(SHOP_TOML).start().await;
    let url = format!("{}/login", doorward.public());
    for host in [
        "evil.example",
        "shop.example.com.evil.example",
        "127.0.0.1",
        "example.com",
        "x.shop.example.com",
    ] {
        let headers = [("host", host), ("accept", "application/json")];
        let answer = get(&url, &headers).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (403, "unknown_host"),
            "{host}"
        );
        check_headers(&answer, host);
        let page = navigate(&url, &[("host", host)]).await;
        assert_eq!(page.status, 403);
        assert!(
            !page.body.contains(host),
            "a host that is not ours is not shown"
        );
    }
    for host in [
        "shop.example.com",
        "Shop.Example.COM",
        "shop.example.com.",
        "shop.example.com:443",
    ] {
        assert_eq!(get(&url, &[("host", host)]).await.status, 200, "{host}");
    }
}

#[tokio::test]
async fn threat_04_a_forwarded_host_counts_once_and_from_a_listed_peer() {
    let listed = Doorward::builder().toml(SHOP_TOML).start().await;
    let toml = format!("{SHOP_TOML}\n[server]\ntrusted_proxies = [\"192.0.2.1\"]");
    let unlisted = Doorward::builder().toml(&toml).start().await;
    let outside = ("host", "doorward.internal");
    let forwarded = ("x-forwarded-host", "shop.example.com");
    let status = async |doorward: &Doorward, headers: &[(&str, &str)]| {
        get(&format!("{}/login", doorward.public()), headers)
            .await
            .status
            .as_u16()
    };
    assert_eq!(status(&listed, &[outside, forwarded]).await, 200);
    assert_eq!(status(&unlisted, &[outside, forwarded]).await, 403);
    assert_eq!(
        status(&listed, &[outside, forwarded, forwarded]).await,
        403,
        "two lines"
    );
    for list in [
        "shop.example.com, shop.example.com",
        "shop.example.com,evil.example",
        "evil.example",
        "",
        "https://shop.example.com",
    ] {
        assert_eq!(
            status(&listed, &[outside, ("x-forwarded-host", list)]).await,
            403,
            "{list}"
        );
    }
    for other in [
        ("forwarded", "host=shop.example.com"),
        ("x-host", "shop.example.com"),
        ("x-original-host", "shop.example.com"),
    ] {
        assert_eq!(status(&listed, &[outside, other]).await, 403, "{other:?}");
    }
    assert_eq!(
        status(&listed, &[SHOP, ("x-forwarded-host", "evil.example")]).await,
        200,
        "Host decides"
    );
}

#[tokio::test]
async fn a_request_id_is_believed_from_a_listed_peer_alone_and_only_a_plain_one() {
    let listed = Doorward::builder().start().await;
    let toml = "[server]\ntrusted_proxies = [\"192.0.2.1\"]";
    let unlisted = Doorward::builder().toml(toml).start().await;
    let id = async |doorward: &Doorward, given: &str| {
        let answer = get(
            &format!("{}/login", doorward.public()),
            &[("x-request-id", given)],
        )
        .await;
        answer.header("x-request-id").expect("an id").to_owned()
    };
    assert_eq!(id(&listed, "abc-DEF_1.2").await, "abc-DEF_1.2");
    assert_ne!(id(&unlisted, "abc").await, "abc");
    let long = "a".repeat(65);
    for odd in ["", "a b", "a\"b", "<script>", "a,b", &long] {
        let made = id(&listed, odd).await;
        assert!(
            made.len() == 16 && made.bytes().all(|b| b.is_ascii_hexdigit()),
            "{odd:?}: {made}"
        );
    }
    assert_ne!(id(&unlisted, "").await, id(&unlisted, "").await);
}

#[tokio::test]
async fn everything_lies_below_the_base_path() {
    let toml = "[server]\nbase_path = \"/auth/door\"";
    let doorward = Doorward::builder().toml(toml).start().await;
    let base = doorward.public();
    for path in PAGES {
        let inside = navigate(&format!("{base}/auth/door{path}"), &[]).await;
        assert!(matches!(inside.status.as_u16(), 200 | 401), "{path}");
        for attribute in ["href=\"", "src=\"", "action=\""] {
            for link in inside.body.split(attribute).skip(1) {
                let link = link.split('"').next().unwrap_or_default();
                assert!(link.starts_with("/auth/door/"), "{link} on {path}");
            }
        }
        assert_eq!(
            navigate(&format!("{base}{path}"), &[]).await.status,
            404,
            "{path}"
        );
    }
    for path in [
        "/auth/door",
        "/auth/door/",
        "/auth/door/login/none",
        "/auth/doorlogin",
        "/auth/login",
    ] {
        let answer = navigate(&format!("{base}{path}"), &[]).await;
        assert_eq!(answer.status, 404, "{path}");
        check_headers(&answer, path);
    }
    let answer = send("PUT", &format!("{base}/auth/door/login"), &[], "").await;
    assert_eq!(answer.status, 405);
}
