//! Checks that hold for every page: each one rendered with ordinary data and with hostile data.

use super::text::ENGLISH;
use super::*;
use crate::http::assets;

const HOSTILE: &str = "\"><script>alert(1)</script>'&{{ 7 }}";

/// Every page in every state, with `word` wherever somebody outside has a say.
fn every_page(word: &str) -> Vec<(&'static str, String)> {
    let frame = Frame {
        base: "/auth",
        text: &ENGLISH,
        app_name: word,
    };
    let mut pages = forms(frame, word);
    pages.extend(plain_pages(frame, word));
    for kind in ErrorKind::ALL {
        let page = ErrorPage {
            frame,
            kind,
            app_url: word,
            retry_after: None,
            reference: word,
        };
        pages.push(("error", page.render().unwrap()));
    }
    pages
}

fn forms(frame: Frame<'_>, word: &str) -> Vec<(&'static str, String)> {
    let sign_in = SignIn {
        frame,
        email: word,
        remember: true,
        return_to: word,
        registration_open: true,
        providers: &[],
        claim: None,
        problem: None,
        email_problem: None,
        password_missing: false,
    };
    let wrong = SignIn {
        problem: Some(SignInProblem::WrongCredentials),
        ..sign_in
    };
    let slowed = SignIn {
        problem: Some(SignInProblem::TooManyAttempts { seconds: 8 }),
        ..sign_in
    };
    let incomplete = SignIn {
        email_problem: Some(EmailProblem::Invalid),
        password_missing: true,
        ..sign_in
    };
    let register = Register {
        frame,
        email: word,
        return_to: word,
        providers: &[],
        problem: None,
        email_problem: None,
        password_problem: None,
    };
    let taken = Register {
        email_problem: Some(EmailProblem::Taken),
        ..register
    };
    let weak = Register {
        problem: Some(RegisterProblem::Busy),
        password_problem: Some(PasswordProblem::TooWeak { suggestion: word }),
        ..register
    };
    let mut pages = of_providers(sign_in, word);
    pages.extend([
        ("sign in", sign_in.render().unwrap()),
        ("sign in, wrong", wrong.render().unwrap()),
        ("sign in, slowed", slowed.render().unwrap()),
        ("sign in, incomplete", incomplete.render().unwrap()),
        ("register", register.render().unwrap()),
        ("register, taken", taken.render().unwrap()),
        ("register, weak", weak.render().unwrap()),
    ]);
    pages
}

/// The sign-in page where there are providers, with everything that can be wrong there.
fn of_providers(sign_in: SignIn<'_>, word: &str) -> Vec<(&'static str, String)> {
    let buttons = [ProviderButton {
        name: word.to_owned(),
        url: word.to_owned(),
    }];
    let claim = |has_password| Claim {
        token: word,
        provider: word,
        has_password,
    };
    let sign_in = SignIn {
        providers: &buttons,
        ..sign_in
    };
    let mut pages = vec![("sign in, providers", sign_in.render().unwrap())];
    for has_password in [true, false] {
        let claimed = SignIn {
            claim: Some(claim(has_password)),
            registration_open: false,
            ..sign_in
        };
        pages.push(("sign in, claimed", claimed.render().unwrap()));
    }
    for problem in ProviderProblem::ALL {
        let wrong = SignIn {
            problem: Some(SignInProblem::Provider(problem, word)),
            ..sign_in
        };
        pages.push(("sign in, provider", wrong.render().unwrap()));
    }
    pages
}

fn account_with_ways(frame: Frame<'_>, word: &str) -> String {
    let buttons = [ProviderButton {
        name: word.to_owned(),
        url: word.to_owned(),
    }];
    let way = |removable| AccountWay {
        handle: word.to_owned(),
        provider: word.to_owned(),
        email: word.to_owned(),
        since: word.to_owned(),
        removable,
    };
    let page = Account {
        frame,
        email: word,
        signed_in_since: word,
        signed_in_until: word,
        app_url: word,
        has_password: true,
        ways: &[way(true), way(false)],
        providers: &buttons,
        problem: Some((ProviderProblem::LastWay, word)),
    };
    page.render().unwrap()
}

fn plain_pages(frame: Frame<'_>, word: &str) -> Vec<(&'static str, String)> {
    let closed = RegistrationClosed {
        frame,
        return_to: word,
    };
    let sign_out = SignOut {
        frame,
        email: word,
        return_to: word,
    };
    let signed_out = SignedOut {
        frame,
        return_to: word,
        elsewhere: None,
    };
    let elsewhere = SignedOut {
        elsewhere: Some(Elsewhere {
            provider: word,
            url: word,
        }),
        ..signed_out
    };
    let account = Account {
        frame,
        email: word,
        signed_in_since: word,
        signed_in_until: word,
        app_url: word,
        has_password: true,
        ways: &[],
        providers: &[],
        problem: None,
    };
    let redirect_loop = RedirectLoop {
        frame,
        return_to: word,
        site: word,
        cookie_name: word,
        reference: word,
    };
    let interrupted = SignInToContinue {
        frame,
        login_url: word,
    };
    vec![
        ("registration closed", closed.render().unwrap()),
        ("sign out", sign_out.render().unwrap()),
        ("signed out", signed_out.render().unwrap()),
        ("account", account.render().unwrap()),
        ("account, ways", account_with_ways(frame, word)),
        ("signed out elsewhere", elsewhere.render().unwrap()),
        ("redirect loop", redirect_loop.render().unwrap()),
        ("sign in to continue", interrupted.render().unwrap()),
    ]
}

fn count(page: &str, what: &str) -> usize {
    page.matches(what).count()
}

/// The values of an attribute, in the order of the page.
fn values<'a>(page: &'a str, attribute: &str) -> Vec<&'a str> {
    let start = format!(" {attribute}=\"");
    let rest = page.split(start.as_str()).skip(1);
    rest.filter_map(|part| part.split('"').next()).collect()
}

#[test]
fn every_page_has_a_language_a_title_and_one_heading() {
    for (name, page) in every_page("shop.example.com") {
        assert!(
            page.starts_with("<!doctype html>\n<html lang=\"en\">"),
            "{name}: {page}"
        );
        assert!(
            page.contains(" · shop.example.com</title>"),
            "{name}: {page}"
        );
        assert!(!page.contains("<title> "), "{name}: {page}");
        assert_eq!(count(&page, "<title>"), 1, "{name}");
        assert_eq!(count(&page, "<h1>"), 1, "{name}");
        assert_eq!(count(&page, "<main "), 1, "{name}");
    }
}

#[test]
fn every_input_has_a_label_and_every_reference_leads_somewhere() {
    for (name, page) in every_page("reader@example.com") {
        let ids = values(&page, "id");
        let labels = values(&page, "for");
        for input in page
            .split("<input ")
            .skip(1)
            .filter(|input| !input.starts_with("type=\"hidden\""))
        {
            let id = input
                .strip_prefix("id=\"")
                .and_then(|rest| rest.split('"').next());
            assert!(
                id.is_some_and(|id| labels.contains(&id)),
                "{name}: <input {input}"
            );
        }
        for id in labels.into_iter().chain(
            values(&page, "aria-describedby")
                .iter()
                .flat_map(|ids| ids.split(' ')),
        ) {
            assert_eq!(
                ids.iter().filter(|known| **known == id).count(),
                1,
                "{name}: {id}"
            );
        }
        assert!(count(&page, " autofocus") <= 1, "{name}");
    }
}

/// THREATS 25.
#[test]
fn no_page_lets_markup_in() {
    for (name, page) in every_page(HOSTILE) {
        assert!(!page.contains("<script"), "{name}: {page}");
        assert!(!page.contains("\">alert"), "{name}: {page}");
        assert!(!page.contains("'&{"), "{name}: {page}");
        assert!(
            page.contains("&#34;&#62;&#60;script&#62;"),
            "{name}: {page}"
        );
    }
}

#[test]
fn no_page_needs_a_script_a_style_of_its_own_or_another_server() {
    for (name, page) in every_page("x") {
        let tags = page.split('<').filter_map(|tag| tag.split('>').next());
        for tag in tags {
            for forbidden in [
                "script",
                "style>",
                "style ",
                " style=",
                " on",
                "//",
                "javascript:",
            ] {
                assert!(!tag.contains(forbidden), "{name}: <{tag}>");
            }
        }
    }
}

#[test]
fn every_asset_a_page_names_exists() {
    for (name, page) in every_page("x") {
        let urls = values(&page, "href")
            .into_iter()
            .chain(values(&page, "src"));
        let assets: Vec<_> = urls
            .filter_map(|url| url.strip_prefix("/auth/login/assets/"))
            .collect();
        assert!(assets.len() >= 2, "{name}");
        for asset in assets {
            let (file, version) = asset.split_once("?v=").unwrap();
            assert_eq!(assets::version(file), version, "{name}: {asset}");
            assert_eq!(version.len(), 12, "{name}: {asset}");
        }
    }
}

#[test]
fn forms_post_to_our_own_routes() {
    for (name, page) in every_page("x") {
        for action in values(&page, "action") {
            assert!(
                [
                    "/auth/login",
                    "/auth/register",
                    "/auth/logout",
                    "/auth/account/unlink"
                ]
                .contains(&action),
                "{name}: {action}"
            );
        }
        assert_eq!(
            count(&page, "<form "),
            count(&page, " method=\"post\""),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_page_is_html_that_no_cache_keeps() {
    let frame = Frame {
        base: "",
        text: &ENGLISH,
        app_name: "",
    };
    let answer = html(
        StatusCode::OK,
        &SignedOut {
            frame,
            return_to: "",
            elsewhere: None,
        },
    );
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(
        answer.headers()[header::CONTENT_TYPE],
        "text/html; charset=utf-8"
    );
    assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
}
