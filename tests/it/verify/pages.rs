//! The pages that stand in the place of an app's answer, as a visitor sees them.
//!
//! Where apps share a sign-in host, the app's own host has no route to Doorward: all that such a page needs comes from
//! there.

mod front;

use thirtyfour::By;

use super::case::{Browser, Case};
use super::dialect::{Endpoint, Proxy};
use super::exchange::{Reply, send};
use crate::support::chromium::{Chromium, ColourScheme};
use front::Front;

/// The proxies that pass Doorward's pages on.
const PASSING: [Proxy; 3] = [Proxy::Traefik, Proxy::Caddy, Proxy::Envoy];

/// The page for each answer that has one, by name.
async fn pages(front: &Front, proxy: Proxy, app: &str) -> Vec<(&'static str, Reply)> {
    let url = |path: &str| format!("{}{path}", front.origin(app));
    let (never, form) = (url("/never/x"), url("/x"));
    let get = |url| Case::get(app, url).browser(Browser::Navigation);
    let lost = get(&form).cookie(front.cookie(app));
    let cases = [
        ("forbidden", 403, get(&never), false),
        ("interrupted", 401, get(&form).method("POST"), false),
        ("unavailable", 503, lost, true),
    ];
    let mut pages = Vec::new();
    for (name, status, case, outage) in cases {
        if outage {
            front
                .world
                .alter("ALTER TABLE sessions RENAME TO gone")
                .await;
        }
        let subrequest = Endpoint::pinned(proxy).subrequest(&case);
        let reply = send(front.world.internal(), &subrequest).await;
        if outage {
            front
                .world
                .alter("ALTER TABLE gone RENAME TO sessions")
                .await;
        }
        assert_eq!(reply.status, status, "{name}: {reply:?}");
        pages.push((name, reply));
    }
    pages
}

/// The addresses of an attribute in a page.
fn values<'p>(page: &'p str, attribute: &str) -> Vec<&'p str> {
    let start = format!("{attribute}=\"");
    let rest = page.split(start.as_str()).skip(1);
    rest.filter_map(|part| part.split('"').next()).collect()
}

#[tokio::test]
async fn what_a_page_needs_comes_from_where_the_pages_live() {
    let front = Front::start().await;
    for (app, assets, sources) in [
        (
            "shared",
            front.origin("login"),
            [front.origin("login"), front.origin("login")],
        ),
        (
            "alone",
            String::new(),
            ["'self'".to_owned(), "'self'".to_owned()],
        ),
    ] {
        let [style, img] = sources;
        let policy = format!(
            "default-src 'none'; style-src {style}; img-src {img}; font-src 'self'; \
             form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        );
        for proxy in PASSING {
            for (name, page) in pages(&front, proxy, app).await {
                let context = format!("{app} {proxy:?} {name}: {page:?}");
                let expected = policy.as_str();
                assert_eq!(
                    page.header("content-security-policy"),
                    Some(expected),
                    "{context}"
                );
                let begin = format!("{assets}/auth/login/assets/");
                let mut links = values(&page.body, "href");
                links.extend(values(&page.body, "src"));
                let found = links.iter().filter(|link| link.starts_with(&begin)).count();
                assert_eq!(found, 3, "style sheet, icon and picture: {context}");
                let others = links.iter().filter(|link| !link.starts_with(&begin));
                let others: Vec<_> = others.map(|link| link.replace("&#38;", "&")).collect();
                let expected = match name {
                    "forbidden" => "/".to_owned(),
                    "unavailable" => String::new(),
                    _ => front.sign_in(app, "/x"),
                };
                assert_eq!(others, [expected], "{context}");
            }
        }
    }
}

/// Pictures for people, and for each page: it has its style and its icon, and nothing scrolls sideways.
#[tokio::test]
async fn a_page_in_the_place_of_an_apps_answer_looks_like_all_others() {
    let front = Front::start().await;
    let browser = Chromium::start().await;
    for app in ["shared", "alone"] {
        for (name, heading) in [
            ("forbidden", "This door is not open to you"),
            ("interrupted", "Sign in to continue"),
            ("unavailable", "We will be back in a moment"),
        ] {
            for (width, height) in [(320, 640), (1440, 900)] {
                for scheme in [ColourScheme::Light, ColourScheme::Dark] {
                    browser.set_size(width, height).await;
                    browser.set_colour_scheme(scheme).await;
                    front.show(&browser, app, name).await;
                    browser
                        .screenshot(&format!("verify-{app}-{name}-{width}-{scheme:?}"))
                        .await;
                    let context = format!("{app} {name} {width} {scheme:?}");
                    assert_is_whole(&browser, heading, &context).await;
                }
            }
        }
    }
}

async fn assert_is_whole(browser: &Chromium, heading: &str, context: &str) {
    let shown = browser.find(By::Css("h1")).await.expect("a heading");
    assert_eq!(shown.text().await.expect("words"), heading, "{context}");
    let script = "const page = document.documentElement; \
         const icon = document.querySelector('footer img'); \
         return [getComputedStyle(document.body).display, icon.naturalWidth > 0, page.scrollWidth - page.clientWidth]";
    let seen = browser.execute(script, vec![]).await.expect("an answer");
    let seen: (String, bool, i32) = seen.convert().expect("three values");
    assert_eq!(seen.0, "grid", "it has its style: {context}");
    assert!(seen.1, "it has its icon: {context}");
    assert!(seen.2 <= 0, "{} pixels too wide: {context}", seen.2);
}

#[tokio::test]
async fn the_way_from_a_lost_form_leads_to_the_sign_in_page() {
    let front = Front::start().await;
    let browser = Chromium::start().await;
    for app in ["shared", "alone"] {
        front.show(&browser, app, "interrupted").await;
        let link = browser.find(By::Css("a.button")).await.expect("a link");
        let link = link.attr("href").await.expect("an answer").expect("a href");
        assert_eq!(link, front.sign_in(app, "/x"));
        browser.goto(&link).await.expect("a page");
        assert_is_whole(&browser, "Sign in", app).await;
    }
}
