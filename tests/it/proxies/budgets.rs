//! Whoever asks too often is told so through the proxy, and nothing a visitor sends makes them somebody else.

use super::site::{Front, Site};
use crate::support::doorward::Db;

pub(super) async fn threat_05_30_no_header_of_a_visitor_buys_a_new_budget(front: Front) {
    let toml = format!(
        "{}\n[limits]\nsign_in = \"2 per 1d\"",
        front.doorward_toml()
    );
    let site = Site::start_with(front, &toml, Db::Sqlite).await;
    let fields = [("email", "reader@example.com"), ("password", "wrong one")];
    for status in [401, 401, 429] {
        let answer = site.post_form("/login", &[], &fields).await;
        assert_eq!(answer.status, status, "{}", answer.body);
    }
    for (name, value) in [
        ("x-forwarded-for", "198.51.100.1"),
        ("x-forwarded-for", "2001:db8::1, 198.51.100.2"),
        ("x-real-ip", "198.51.100.3"),
        ("forwarded", "for=198.51.100.4"),
        ("true-client-ip", "198.51.100.5"),
        ("x-envoy-external-address", "198.51.100.6"),
    ] {
        let refused = site.post_form("/login", &[(name, value)], &fields).await;
        assert_eq!(refused.status, 429, "{name}: {value}");
        assert!(
            refused.header("retry-after").is_some(),
            "it passes the proxy"
        );
    }
    assert_eq!(site.navigate("/login", &[]).await.status, 200, "the form");
    assert_eq!(
        site.navigate("/news/today", &[]).await.status,
        200,
        "the app"
    );
}
