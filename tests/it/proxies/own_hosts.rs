//! The first shape with two apps behind one proxy: pages on each app's own host, and nothing shared.

use super::shared_login::family::Family;
use crate::support::proxy::Kind;
use crate::visitor::PASSWORD;

pub(super) async fn each_app_has_people_pages_and_sessions_of_its_own(kind: Kind) {
    let family = Family::apart(kind).await;
    let at_shop = register(&family, "shop").await;
    let in_shop = family.subject(&family.shop, "/orders", &at_shop).await;
    assert_eq!(in_shop.len(), 36, "signed in");

    // The shop's cookie is nobody's at the blog, which has a sign-in of its own.
    let sent = family
        .navigate("blog", "/write", &[("cookie", &at_shop)])
        .await;
    let login = format!("{}/login?rd=%2Fwrite", family.origin("blog"));
    assert_eq!(
        (sent.status.as_u16(), sent.location()),
        (302, Some(login.as_str()))
    );
    assert_eq!(
        family.subject(&family.blog, "/", &at_shop).await,
        "anonymous"
    );
    // Its rules are its own too: the shop's start page is not public.
    assert_eq!(family.navigate("shop", "/", &[]).await.status, 302);

    // The same address there is another person.
    let at_blog = register(&family, "blog").await;
    let in_blog = family.subject(&family.blog, "/write", &at_blog).await;
    assert_eq!(in_blog.len(), 36, "signed in");
    assert_ne!(in_shop, in_blog);

    // Signing out of one is no matter of the other.
    let answer = family
        .post_at("shop", "/logout", &[("cookie", &at_shop)], &[])
        .await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    assert_eq!(
        family
            .navigate("shop", "/orders", &[("cookie", &at_shop)])
            .await
            .status,
        302
    );
    assert_eq!(
        family.subject(&family.blog, "/write", &at_blog).await,
        in_blog
    );
}

/// Registers on the app's own host; the cookie.
async fn register(family: &Family, host: &str) -> String {
    let fields = [("email", "reader@example.com"), ("password", PASSWORD)];
    let answer = family.post_at(host, "/register", &[], &fields).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let cookie = answer.cookie("__Host-SESSION");
    assert_eq!(cookie.attribute("domain"), None);
    cookie.pair()
}
