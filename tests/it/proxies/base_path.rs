//! Doorward's pages below a path of their own.

use super::site::{Front, Site};

pub(super) async fn pages_below_a_path_of_their_own_are_routed_there(front: Front) {
    let config = format!(
        "{}\n[server]\nbase_path = \"/auth.x\"\n",
        front.doorward_toml()
    );
    let site = Site::start_at(front, &config, "/auth.x/login").await;
    let sent = site.navigate("/orders", &[]).await;
    let login = site.url("/auth.x/login?rd=%2Forders");
    assert_eq!(
        (sent.status.as_u16(), sent.location()),
        (302, Some(login.as_str()))
    );
    for path in ["/auth.x/login", "/auth.x/login/session", "/auth.x/register"] {
        site.navigate(path, &[]).await;
        site.assert_app_was_not_asked();
    }
    let cookie = site
        .register_at("/auth.x/register", "reader@example.com")
        .await;
    for path in [
        "/login",
        "/auth.x/login.html",
        "/authax/login",
        "/auth.x/",
        "/x/auth.x/login",
    ] {
        assert_eq!(site.subject_at(path, &cookie).await.len(), 36, "{path}");
    }
}
