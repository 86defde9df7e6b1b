//! The pages of the sample app, a bookshop: what an app behind Doorward may look like.
//!
//! Must not use anything of Doorward's own pages: an app has none of that. It knows its visitor by the verified
//! `X-UserId` alone.

use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

/// A page that no cache keeps: it may be about its reader.
pub(super) fn page(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(body) => (status, [(header::CACHE_CONTROL, "no-store")], Html(body)).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// The files of the sample app, below `/assets/`: a media type and the content.
///
/// Answer with `Cache-Control: no-cache`: the demo may change under the same name.
pub(crate) fn asset(name: &str) -> Option<(&'static str, &'static str)> {
    match name {
        "demo.css" => Some((
            "text/css; charset=utf-8",
            include_str!("../../static/demo/demo.css"),
        )),
        "leaf.svg" => Some(("image/svg+xml", include_str!("../../static/demo/leaf.svg"))),
        _ => None,
    }
}

/// `/`: for everybody.
#[derive(Clone, Copy, Debug, Template)]
#[template(path = "demo/home.html")]
pub(crate) struct Home<'a> {
    /// The verified user id; none for a guest.
    pub user_id: Option<&'a str>,
}

/// `/members`: for signed-in users.
#[derive(Clone, Copy, Debug, Template)]
#[template(path = "demo/members.html")]
pub(crate) struct Members<'a> {
    /// The verified user id.
    pub user_id: &'a str,
}

/// `/proof`: the identity header of this very request, taken apart and checked.
#[derive(Clone, Copy, Debug, Template)]
#[template(path = "demo/proof.html")]
pub(crate) struct Proof<'a> {
    /// The verified user id; none for a guest.
    pub user_id: Option<&'a str>,
    /// The header as it arrived.
    pub header: HeaderParts<'a>,
    /// The header's time, ready to be read.
    pub signed_at: &'a str,
    /// How long ago that was, ready to be read, as `less than a second`.
    pub age: &'a str,
    /// What the verifier says to it.
    pub verdict: Verdict<'a>,
    /// The same header with the subject changed.
    pub forged: Attempt<'a>,
    /// The same header, sent with a request for another page.
    pub stolen: Attempt<'a>,
    /// The same header, some minutes later.
    pub expired: Attempt<'a>,
}

/// A header and what the verifier says to it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempt<'a> {
    /// The header.
    pub header: HeaderParts<'a>,
    /// What the verifier says to it.
    pub verdict: Verdict<'a>,
}

/// An `X-UserId` value, split at its dots.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HeaderParts<'a> {
    /// The user id or `anonymous`.
    pub subject: &'a str,
    /// Unix seconds.
    pub time: &'a str,
    /// The signature.
    pub mac: &'a str,
}

/// What the verifier says to a header.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Verdict<'a> {
    /// Genuine and fresh: this user.
    User(&'a str),
    /// Genuine and fresh: nobody is signed in.
    Anonymous,
    /// Not to be believed, and why: the text of the verifier's error.
    Refused(&'a str),
}

/// 404.
#[derive(Clone, Copy, Debug, Template)]
#[template(path = "demo/not_found.html")]
pub(crate) struct NotFound<'a> {
    /// The verified user id; none for a guest.
    pub user_id: Option<&'a str>,
}

/// 403: the request has no `X-UserId` that can be believed, so it did not come through the door.
#[derive(Clone, Copy, Debug, Template)]
#[template(path = "demo/unproven.html")]
pub(crate) struct Unproven<'a> {
    /// The text of the verifier's error.
    pub reason: &'a str,
}

/// The first group of an id: enough to recognise it by.
fn short(user_id: &str) -> &str {
    user_id.split_once('-').map_or(user_id, |(first, _)| first)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "\"><script>alert(1)</script>";

    fn every_page(word: &str) -> Vec<String> {
        let header = HeaderParts {
            subject: word,
            time: word,
            mac: word,
        };
        let refused = Attempt {
            header,
            verdict: Verdict::Refused(word),
        };
        let proof = Proof {
            user_id: Some(word),
            header,
            signed_at: word,
            age: word,
            verdict: Verdict::User(word),
            forged: refused,
            stolen: refused,
            expired: refused,
        };
        let user_id = Some(word);
        vec![
            Home { user_id }.render().unwrap(),
            Members { user_id: word }.render().unwrap(),
            proof.render().unwrap(),
            NotFound { user_id }.render().unwrap(),
            Unproven { reason: word }.render().unwrap(),
        ]
    }

    #[test]
    fn every_page_has_a_language_a_title_and_one_heading() {
        for page in every_page("0f8c2d1e-6a37-4b52-9c10-5f6e7d8a9b0c") {
            assert!(
                page.starts_with("<!doctype html>\n<html lang=\"en\">"),
                "{page}"
            );
            assert!(page.contains(" · Oak &amp; Ink</title>"), "{page}");
            assert_eq!(page.matches("<h1>").count(), 1, "{page}");
            assert!(page.contains("0f8c2d1e"), "{page}");
        }
    }

    /// THREATS 25.
    #[test]
    fn no_page_lets_markup_in() {
        for page in every_page(HOSTILE) {
            assert!(!page.contains("<script"), "{page}");
            assert!(page.contains("&#34;&#62;&#60;script&#62;"), "{page}");
        }
    }

    #[test]
    fn a_guest_is_shown_the_way_in() {
        let page = Home { user_id: None }.render().unwrap();
        assert!(page.contains("href=\"/login?rd=/members\""), "{page}");
        assert!(page.contains("href=\"/register?rd=/members\""), "{page}");
    }

    #[test]
    fn every_asset_a_page_names_exists() {
        for page in every_page("x") {
            for name in page
                .split("href=\"/assets/")
                .skip(1)
                .filter_map(|rest| rest.split('"').next())
            {
                assert!(asset(name).is_some(), "{name}");
            }
        }
        assert!(asset("../demo.css").is_none());
    }
}
