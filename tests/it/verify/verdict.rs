//! The table of the design: how each outcome has to look in each dialect.
//!
//! What holds for all answers is checked here, with every case: one identity header on a 200 and
//! none otherwise (threats 2 and 3), nothing to cache (threat 22), no cookie, and no challenge that
//! makes a browser ask for a password.

use super::case::Case;
use super::dialect::{Endpoint, Proxy};
use super::exchange::Reply;
use super::world::key_of;
use crate::support::identity::{Binding, check};

/// What is to become of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome<'a> {
    /// Pass, as nobody.
    Anonymous,
    /// Pass, as the user with this id.
    User(&'a str),
    /// Sign in, at exactly this URL.
    SignIn(&'a str),
    /// Sign in, at this URL with or without the way back: not every path is a safe one.
    SignInAt(&'a str),
    Forbidden,
    Unavailable,
}

/// What the request asked for, as far as the answer depends on it.
struct Asked<'a> {
    proxy: Proxy,
    /// HEAD has no body; Envoy alone sends the visitor's method as its own.
    head: bool,
    get: bool,
    post: bool,
    case: &'a Case<'a>,
}

/// Holds an answer against the table. An app whose id is `bound` has request binding.
pub(crate) fn assert_reply(
    endpoint: Endpoint,
    case: &Case<'_>,
    reply: &Reply,
    outcome: &Outcome<'_>,
) {
    let asked = Asked {
        proxy: endpoint.proxy,
        head: endpoint.proxy == Proxy::Envoy && case.method == "HEAD",
        get: matches!(case.method, "GET" | "HEAD"),
        post: case.method == "POST",
        case,
    };
    let context = format!("{endpoint:?} {case:?}\n{reply:?}");
    assert_always(&asked, reply, &context);
    match outcome {
        Outcome::Anonymous => assert_allowed(&asked, reply, "anonymous", &context),
        Outcome::User(id) => assert_allowed(&asked, reply, id, &context),
        Outcome::SignIn(url) => {
            let found = assert_sign_in(&asked, reply, &context);
            assert!(
                found.is_none_or(|found| found == *url),
                "not {url}: {context}"
            );
        }
        Outcome::SignInAt(page) => {
            let found = assert_sign_in(&asked, reply, &context);
            let (_, _, uri) = case.parts();
            let back = format!("{page}?{}", query("rd", uri));
            assert!(
                found.is_none_or(|found| found == *page || found == back),
                "neither {page} nor {back}: {context}"
            );
        }
        Outcome::Forbidden => assert_eq!(reply.status, 403, "{context}"),
        Outcome::Unavailable => assert_eq!(reply.status, 503, "{context}"),
    }
}

fn assert_always(asked: &Asked<'_>, reply: &Reply, context: &str) {
    assert_eq!(reply.lines("cache-control"), ["no-store"], "{context}");
    assert!(reply.lines("set-cookie").is_empty(), "{context}");
    assert!(reply.lines("transfer-encoding").is_empty(), "{context}");
    let identities = usize::from(reply.status == 200);
    assert_eq!(reply.lines("x-userid").len(), identities, "{context}");
    assert!(reply.lines("x-usertoken").is_empty(), "{context}");
    let challenges = reply.lines("www-authenticate");
    assert_eq!(
        challenges.len(),
        usize::from(reply.status == 401),
        "{context}"
    );
    for challenge in challenges {
        let scheme = challenge
            .split(' ')
            .next()
            .unwrap_or_default()
            .to_lowercase();
        let native = ["", "basic", "digest", "negotiate", "ntlm"];
        assert!(!native.contains(&scheme.as_str()), "{context}");
    }
    let allowed: &[u16] = if asked.proxy.passes_answers_on() {
        &[200, 302, 401, 403, 503]
    } else {
        &[200, 401, 403, 503]
    };
    assert!(allowed.contains(&reply.status), "{context}");
}

fn assert_allowed(asked: &Asked<'_>, reply: &Reply, subject: &str, context: &str) {
    assert_eq!(reply.status, 200, "{context}");
    assert_eq!(reply.body, "", "{context}");
    assert_eq!(reply.header("location"), None, "{context}");
    let (app, (_, host, uri)) = (asked.case.app, asked.case.parts());
    let method = asked.case.method;
    let binding = if app == "bound" {
        Binding::Request { method, host, uri }
    } else {
        Binding::App
    };
    assert_identity(reply, app, binding, subject);
    let removed = reply.header("x-envoy-auth-headers-to-remove");
    assert_eq!(removed.is_some(), asked.proxy == Proxy::Envoy, "{context}");
    if let Some(removed) = removed {
        let names: Vec<&str> = removed.split(',').map(str::trim).collect();
        for alias in ["x_userid", "x-user-id", "x_user_id", "x.userid"] {
            assert!(names.contains(&alias), "{alias}: {context}");
        }
        let own = |name: &&str| name.eq_ignore_ascii_case("x-userid");
        assert!(
            !names.iter().any(own),
            "Envoy would strip our own: {context}"
        );
    }
}

/// Checks the signed header of an answer with an HMAC of our own.
pub(crate) fn assert_identity(reply: &Reply, app: &str, binding: Binding<'_>, subject: &str) {
    let header = reply.header("x-userid").expect("an identity");
    let identity = check(header, &key_of(app), app, binding)
        .unwrap_or_else(|error| panic!("{error}: {header} for {app}, {binding:?}"));
    assert_eq!(identity.subject, subject, "{header}");
}

/// The login URL, where the answer has one.
fn assert_sign_in(asked: &Asked<'_>, reply: &Reply, context: &str) -> Option<String> {
    let shown = asked.case.browser.shows_answer();
    let passes = asked.proxy.passes_answers_on();
    if asked.get && shown {
        let status = if passes { 302 } else { 401 };
        assert_eq!(reply.status, status, "{context}");
        let location = reply.header("location");
        assert!(location.is_some(), "{context}");
        return location.map(str::to_owned);
    }
    assert_eq!(reply.status, 401, "{context}");
    assert_eq!(reply.header("location"), None, "{context}");
    if !passes || asked.head {
        return None;
    }
    let kind = reply.header("content-type").unwrap_or_default();
    if asked.post && shown {
        assert!(kind.starts_with("text/html"), "{context}");
        return Some(link_to_login(&reply.body));
    }
    assert_eq!(kind, "application/problem+json", "{context}");
    let problem: serde_json::Value = serde_json::from_str(&reply.body).expect("JSON");
    assert_eq!(problem["status"], 401, "{context}");
    assert_eq!(problem["code"], "login_required", "{context}");
    Some(problem["login_url"].as_str().expect("text").to_owned())
}

/// The absolute link to the sign-in page in a page.
fn link_to_login(page: &str) -> String {
    let links = page.split("href=\"").skip(1);
    let links = links.filter_map(|rest| rest.split('"').next());
    let links = links.filter(|link| !link.contains("/login/assets/"));
    let mut absolute = links.filter(|link| link.contains("://") && link.contains("/login"));
    let link = absolute.next().unwrap_or_else(|| panic!("no link: {page}"));
    link.replace("&#38;", "&").replace("&amp;", "&")
}

/// One field of a query, as a form encodes it.
pub(crate) fn query(name: &str, value: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair(name, value).finish()
}
