//! One path in several spellings: judged in every reading, the strictest holds.

use super::case::{Browser, Case};
use super::verdict::Outcome::{self, Anonymous, Forbidden, SignInAt};
use super::world::World;

async fn expect(world: &World, app: &str, path: &str, outcome: Outcome<'_>) {
    let url = format!("https://{app}.example.com{path}");
    let case = Case::get(app, &url).browser(Browser::Program);
    world.expect(&case, outcome).await;
}

/// What some server takes for `/admin` or for something below it.
const ADMIN: [&str; 60] = [
    // letter case, trailing slash
    "/admin",
    "/ADMIN",
    "/aDmin/x",
    "/admin/",
    "/ADMIN/",
    "/adm%C4%B1n",
    // dot segments
    "/./admin",
    "/x/../admin",
    "/admin/.",
    "/admin/x/..",
    "/../admin",
    "/x/../../../admin",
    "/x/.././admin",
    // repeated slashes
    "//admin",
    "///admin",
    "/x//../admin",
    "/admin//",
    "//host/admin",
    "/x/..//admin",
    // backslash
    "/\\admin",
    "/x\\..\\admin",
    "/admin\\x",
    // parameters
    "/admin;x",
    "/admin;x=1/y",
    "/;/admin",
    "/x/..;/admin",
    "/x/..;a=b/admin",
    "/adm;in/../admin",
    // encoded once
    "/%61dmin",
    "/%61%64%6d%69%6e",
    "/x/%2e%2e/admin",
    "/x/..%2fadmin",
    "/x%2f..%2fadmin",
    "/%2fadmin",
    "/admin%2f",
    "/admin%2fx",
    "/x%5c..%5cadmin",
    "/admin%5cx",
    "/admin%3bx",
    "/x/..%3b/admin",
    "/%2e/admin",
    "/ADM%49N",
    // encoded twice
    "/%2561dmin",
    "/x/%252e%252e/admin",
    "/x/..%252fadmin",
    "/x%255c..%255cadmin",
    "/admin%252fx",
    "/admin%253bx",
    // a query or a fragment in disguise
    "/admin%23",
    "/admin%23x",
    "/admin%3f",
    "/admin%3fx=y",
    "/admin%2523x",
    "/admin%253fx",
    "/admin%3f/../x",
    // by way of what is open to everybody
    "/login/../admin",
    "/login/%2e%2e/admin",
    "/login/..;/admin",
    "/login/..%5cadmin",
    "/account/..//admin",
];

#[tokio::test]
async fn threat_08_no_spelling_slips_past_a_stricter_rule() {
    let world = World::start().await;
    // In `lenient` everything is open but `/admin` and all below it.
    let login = SignInAt("https://lenient.example.com/login");
    for spelling in ADMIN {
        expect(&world, "lenient", spelling, login.clone()).await;
    }
    for spelling in [
        "/secret/x",
        "/SECRET/x",
        "/x/..;/secret/x",
        "/%73ecret%2fx",
        "/admin/..%2fsecret/x",
        "/login/../secret/x",
    ] {
        expect(&world, "lenient", spelling, Forbidden).await;
    }
}

#[tokio::test]
async fn threat_08_no_spelling_borrows_an_open_rule() {
    let world = World::start().await;
    // In `shop` everything is closed but what is below `/open/`, `/Docs`, `/feed/` and a few more.
    let spellings = [
        "/open",
        "/open/",
        "/OPEN/x",
        "/docs",
        "/DOCS",
        "/Docs/",
        "/feed",
        "/open/..",
        "/open/../x",
        "/open/./../x",
        "/x/../open/y",
        "//open/x",
        "/open//../../x",
        "/open\\x",
        "/open/..\\x",
        "/open\\..\\x",
        "/open;/x",
        "/open/..;/x",
        "/open/..;a/x",
        "/%6fpen/x",
        "/open%2fx",
        "/open/%2e%2e/x",
        "/open/..%2fx",
        "/open/%2e%2e%2fx",
        "/open/..%5cx",
        "/open/..%3b/x",
        "/%256fpen/x",
        "/open/%252e%252e/x",
        "/open/..%252fx",
        "/open%252fx",
        "/open/..%255cx",
        "/Docs%23",
        "/Docs%3fx",
        "/Docs;x",
        "/Docs%2523",
        "/login/../x",
        "/login/..%2fx",
        "/login;/../x",
        "/LOGIN",
        "/login/%2e%2e/x",
        "//login",
        "/login/..;/x",
    ];
    let login = SignInAt("https://shop.example.com/login");
    for spelling in spellings {
        expect(&world, "shop", spelling, login.clone()).await;
    }
    for spelling in [
        "/open/../never/x",
        "/open/..%2fnever/x",
        "/open/..;/NEVER/x",
        "/open/..%252fnever%252fx",
    ] {
        expect(&world, "shop", spelling, Forbidden).await;
    }
}

/// Strange, and not `/admin` for anybody.
const HARMLESS: [&str; 41] = [
    "/",
    "/X/Y",
    "/x/",
    "/administrator",
    "/x/admin",
    "/adminx/../x",
    "/./x",
    "/x/../y",
    "/x/..",
    "//x",
    "/x//y",
    "/\\x",
    "/x\\y",
    "/x;v=1",
    "/x;v=1/y",
    "/%78",
    "/a%20b",
    "/caf%C3%A9",
    "/x%2fy",
    "/x%5cy",
    "/x%3by",
    "/%2578",
    "/x%252fy",
    "/x%23y",
    "/x%3fy",
    "/100%25",
    "/100%25zz",
    "/a+b",
    "/a,b",
    "/@x:y",
    "/~x",
    "/x?q=/admin",
    "/x?q=/../admin",
    "/x?q=%00",
    "/x?q=%",
    "/x?q=%ff",
    "/x?/admin",
    "/x?q=%2e%2e%2fadmin",
    "/...",
    "/x/.../y",
    "/.well-known/x",
];

#[tokio::test]
async fn threat_08_a_harmless_spelling_passes() {
    let world = World::start().await;
    for path in HARMLESS {
        expect(&world, "lenient", path, Anonymous).await;
    }
    let below_open = [
        "/open/x",
        "/open/X",
        "/open/x/",
        "/open/./x",
        "/open/y/../x",
        "/open/x//y",
        "/open/x;v=1",
        "/open/x\\y",
        "/open/a%20b",
        "/open/x%2fy",
        "/open/%78",
        "/open/%2578",
        "/open/x%23y",
        "/open/x%3fy",
        "/Docs",
        "/Docs?x",
        "/feed/",
    ];
    for path in below_open {
        expect(&world, "shop", path, Anonymous).await;
    }
}

#[tokio::test]
async fn threat_08_what_no_server_reads_with_certainty_is_refused() {
    let world = World::start().await;
    let visitor = world
        .register("lenient.example.com", "ada@example.com")
        .await;
    let paths = [
        // NUL and control characters, encoded once, twice, and in pieces
        "/%00",
        "/x%00.html",
        "/x%0a",
        "/x%0d%0aX-UserId:%20y",
        "/x%09",
        "/x%1f",
        "/x%7f",
        "/x%c2%85",
        "/%2500",
        "/x%250d%250a",
        "/%25%30%30",
        "/x;%00",
        "/x%23%2500",
        // broken encoding
        "/%",
        "/%2",
        "/%zz",
        "/%2g",
        "/%u0041",
        "/%+1",
        "/x%",
        "/a/%%32%65",
        // no UTF-8: overlong forms, surrogates, stray bytes
        "/%c0%ae%c0%ae/admin",
        "/%c0%af",
        "/%e0%80%af",
        "/%f0%80%80%af",
        "/%ed%a0%80",
        "/%ff",
        "/%fe",
        "/%80",
        "/%c3",
        "/%25c0%25ae",
        "/%25ff",
    ];
    for path in paths {
        for cookie in [None, Some(visitor.cookie.as_str())] {
            let url = format!("https://lenient.example.com{path}");
            let case = Case::get("lenient", &url);
            let case = match cookie {
                Some(cookie) => case.cookie(cookie),
                None => case,
            };
            world.expect(&case, Forbidden).await;
        }
    }
    let many = format!("/{}", "%252f;%5c..//".repeat(400));
    expect(&world, "lenient", &many, Forbidden).await;
    let long = format!("/{}", "a".repeat(20_000));
    expect(&world, "lenient", &long, Forbidden).await;
}
