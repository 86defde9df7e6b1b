//! The demo in a real browser: without JavaScript, by keyboard alone, and with a picture of every page.

use thirtyfour::{By, WebElement};

use super::demo::running::Demo;
use super::support::chromium::{Chromium, ColourScheme};
use super::visitor::PASSWORD;

/// As WebDriver names these keys.
const TAB: char = '\u{e004}';
const ENTER: char = '\u{e007}';

async fn start() -> (Demo, Chromium) {
    (
        Demo::start(&["--listen", "127.0.0.1:0"]).await,
        Chromium::start().await,
    )
}

async fn path(browser: &Chromium) -> String {
    browser
        .current_url()
        .await
        .expect("a page")
        .path()
        .to_owned()
}

async fn heading(browser: &Chromium) -> String {
    find(browser, "h1").await.text().await.expect("a heading")
}

async fn find(browser: &Chromium, css: &str) -> WebElement {
    browser
        .find(By::Css(css))
        .await
        .unwrap_or_else(|error| panic!("{css}: {error}"))
}

/// Types into whatever has the focus, as somebody without a mouse does.
async fn press(browser: &Chromium, keys: impl AsRef<str>) {
    let focused = browser
        .active_element()
        .await
        .expect("something has the focus");
    focused
        .send_keys(keys.as_ref())
        .await
        .expect("it takes keys");
}

async fn focused(browser: &Chromium) -> Option<String> {
    browser
        .active_element()
        .await
        .expect("something has the focus")
        .attr("id")
        .await
        .expect("an answer")
}

async fn open(demo: &Demo, browser: &Chromium, page: &str) {
    browser.goto(&demo.url(page)).await.expect("a page");
}

/// Follows Tab until the element with these words has the focus.
async fn tab_to(browser: &Chromium, words: &str) {
    for _ in 0..20 {
        press(browser, TAB.to_string()).await;
        let here = browser
            .active_element()
            .await
            .expect("something has the focus");
        if here.text().await.expect("text") == words {
            return;
        }
    }
    panic!("Tab never comes to {words:?}");
}

#[tokio::test]
async fn somebody_without_mouse_and_scripts_registers_sees_the_proof_and_signs_out() {
    let (demo, browser) = start().await;
    browser.set_scripts(false).await;
    open(&demo, &browser, "/members?shelf=2").await;
    assert_eq!(
        (
            path(&browser).await.as_str(),
            heading(&browser).await.as_str()
        ),
        ("/login", "Sign in")
    );
    tab_to(&browser, "Create an account").await;
    press(&browser, ENTER.to_string()).await;
    assert_eq!(heading(&browser).await, "Create an account");
    find(&browser, "#email")
        .await
        .send_keys("reader@example.com")
        .await
        .expect("a field");
    press(&browser, format!("{}password{}", TAB, ENTER)).await;
    assert_an_easy_password_is_refused(&browser).await;
    press(&browser, format!("{PASSWORD}{}", ENTER)).await;
    assert_eq!(
        browser.current_url().await.expect("a page").as_str(),
        demo.url("/members?shelf=2")
    );
    assert_the_proof_is_shown(&demo, &browser).await;
    sign_out(&demo, &browser).await;
    open(&demo, &browser, "/members").await;
    assert_eq!(heading(&browser).await, "Sign in");
}

/// The form is shown again: what is wrong is said beside the password, which has the focus; the address is kept.
async fn assert_an_easy_password_is_refused(browser: &Chromium) {
    assert_eq!(
        path(browser).await,
        "/register",
        "an easy password is refused"
    );
    let mistake = find(browser, "#password-error")
        .await
        .text()
        .await
        .expect("words");
    assert!(
        mistake.starts_with("This password is easy to guess."),
        "{mistake}"
    );
    let field = find(browser, "#password").await;
    assert_eq!(
        field
            .attr("aria-invalid")
            .await
            .expect("an answer")
            .as_deref(),
        Some("true")
    );
    assert_eq!(
        focused(browser).await.as_deref(),
        Some("password"),
        "ready to be typed again"
    );
    assert_eq!(
        find(browser, "#email")
            .await
            .value()
            .await
            .expect("kept")
            .as_deref(),
        Some("reader@example.com")
    );
}

async fn assert_the_proof_is_shown(demo: &Demo, browser: &Chromium) {
    open(demo, browser, "/proof").await;
    let page = browser.source().await.expect("a page");
    assert_eq!(page.matches("<strong>Believed.</strong>").count(), 1);
    assert!(page.matches("<strong>Refused.</strong>").count() >= 2);
}

/// By keyboard alone.
async fn sign_out(demo: &Demo, browser: &Chromium) {
    open(demo, browser, "/logout").await;
    assert_eq!(heading(browser).await, "Sign out?");
    tab_to(browser, "Sign out").await;
    press(browser, ENTER.to_string()).await;
    assert_eq!(heading(browser).await, "You are signed out");
}

#[tokio::test]
async fn a_wrong_password_is_announced_and_the_address_is_kept() {
    let (demo, browser) = start().await;
    open(&demo, &browser, "/login").await;
    assert_eq!(
        focused(&browser).await.as_deref(),
        Some("email"),
        "ready to be typed into"
    );
    press(
        &browser,
        format!("nobody@example.com{}wrong password{}", TAB, ENTER),
    )
    .await;
    let alert = find(&browser, "[role=alert]")
        .await
        .text()
        .await
        .expect("words");
    assert!(alert.contains("do not match"), "{alert}");
    assert_eq!(
        find(&browser, "#email")
            .await
            .value()
            .await
            .expect("kept")
            .as_deref(),
        Some("nobody@example.com")
    );
    assert_eq!(
        find(&browser, "#password")
            .await
            .value()
            .await
            .expect("empty")
            .as_deref(),
        Some("")
    );
    assert_eq!(focused(&browser).await.as_deref(), Some("password"));
}

#[tokio::test]
async fn threat_26_a_second_tab_that_is_late_just_goes_on() {
    let (demo, browser) = start().await;
    let first = browser.window().await.expect("a tab");
    open(&demo, &browser, "/members").await;
    let second = browser.new_tab().await.expect("a tab");
    browser.switch_to_window(second).await.expect("a tab");
    open(&demo, &browser, "/register?rd=/members").await;
    find(&browser, "#email")
        .await
        .send_keys("reader@example.com")
        .await
        .expect("a field");
    find(&browser, "#password")
        .await
        .send_keys(format!("{PASSWORD}{}", ENTER))
        .await
        .expect("a field");
    assert_eq!(path(&browser).await, "/members");

    browser.switch_to_window(first).await.expect("a tab");
    find(&browser, "#email")
        .await
        .send_keys("reader@example.com")
        .await
        .expect("a field");
    find(&browser, "#password")
        .await
        .send_keys(format!("{PASSWORD}{}", ENTER))
        .await
        .expect("a field");
    assert_eq!(path(&browser).await, "/members", "no token error");
    open(&demo, &browser, "/login?rd=/proof").await;
    assert_eq!(path(&browser).await, "/proof", "signed in already");
}

/// Pictures for people, and for each page: nothing scrolls sideways and nothing broke the content security policy.
#[tokio::test]
async fn every_page_fits_narrow_and_wide_in_light_and_in_dark() {
    let (demo, browser) = start().await;
    let pages = [
        "/",
        "/login?rd=/members",
        "/register",
        "/logout",
        "/login/nothing",
    ];
    photograph(&demo, &browser, &pages).await;
    open(&demo, &browser, "/register?rd=/members").await;
    find(&browser, "#email")
        .await
        .send_keys("reader@example.com")
        .await
        .expect("a field");
    find(&browser, "#password")
        .await
        .send_keys(format!("{PASSWORD}{}", ENTER))
        .await
        .expect("a field");
    photograph(
        &demo,
        &browser,
        &["/members", "/proof", "/account", "/logout?rd=/members"],
    )
    .await;
}

async fn photograph(demo: &Demo, browser: &Chromium, pages: &[&str]) {
    for page in pages {
        for (width, height) in [(320, 640), (768, 1024), (1440, 900)] {
            for scheme in [ColourScheme::Light, ColourScheme::Dark] {
                browser.set_size(width, height).await;
                browser.set_colour_scheme(scheme).await;
                browser.goto(&demo.url(page)).await.expect("a page");
                let name: String = page
                    .chars()
                    .map(|c| if c.is_alphanumeric() { c } else { '-' })
                    .collect();
                browser
                    .screenshot(&format!("demo{name}-{width}-{scheme:?}"))
                    .await;
                let script = "let page = document.documentElement; return page.scrollWidth - page.clientWidth";
                let measured = browser.execute(script, vec![]).await;
                let beyond: i32 = measured.expect("a number").convert().expect("a number");
                assert!(beyond <= 0, "{page} is {beyond} pixels too wide at {width}");
            }
        }
    }
}
