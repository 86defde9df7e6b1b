//! The style sheet and the icons of the pages, embedded in the binary.
//!
//! Must not serve anything from the disk of a release build, nor anything that depends on who is asking.

use std::borrow::Cow;

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

use super::error;

/// How long a browser may keep an asset without asking. A changed asset has a new URL ([`version`]).
const CACHE_CONTROL: &str = "public, max-age=3600";

/// `static/pages/`: embedded in release builds, read from the source tree in debug builds.
#[derive(RustEmbed)]
#[folder = "static/pages/"]
struct Files;

/// One embedded file.
#[derive(Clone, Debug)]
pub(super) struct Asset {
    /// Its content.
    pub(super) bytes: Cow<'static, [u8]>,
    /// Its media type.
    pub(super) content_type: &'static str,
    /// A strong validator over the content, with its quotes.
    pub(super) etag: String,
}

/// The asset with this file name.
pub(super) fn asset(name: &str) -> Option<Asset> {
    let file = file(name)?;
    Some(Asset {
        content_type: content_type(name)?,
        etag: format!("\"{}\"", digest(&file)),
        bytes: file.data,
    })
}

/// A short name for the present content of an asset, to put into its URL; empty if there is no such asset.
pub(super) fn version(name: &str) -> String {
    file(name).map(|file| digest(&file)).unwrap_or_default()
}

/// `GET {base}/login/assets/{name}`. A name that is no text is that of no asset.
pub(super) async fn get(name: Result<Path<String>, PathRejection>, request: HeaderMap) -> Response {
    let Some(asset) = name.ok().and_then(|Path(name)| asset(&name)) else {
        return error::not_found().await.into_response();
    };
    let fresh = is_fresh(&request, &asset.etag);
    let headers = [
        (header::CACHE_CONTROL, CACHE_CONTROL.to_owned()),
        (header::ETAG, asset.etag),
    ];
    if fresh {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    let body = match asset.bytes {
        Cow::Borrowed(bytes) => axum::body::Bytes::from_static(bytes),
        Cow::Owned(bytes) => bytes.into(),
    };
    (headers, [(header::CONTENT_TYPE, asset.content_type)], body).into_response()
}

/// A name is one path segment of letters, digits, `-` and single dots: nothing that can walk.
fn file(name: &str) -> Option<rust_embed::EmbeddedFile> {
    let plain = name
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.');
    if plain && !name.contains("..") {
        Files::get(name)
    } else {
        None
    }
}

fn digest(file: &rust_embed::EmbeddedFile) -> String {
    let mut digest = hex::encode(file.metadata.sha256_hash());
    digest.truncate(12);
    digest
}

fn content_type(name: &str) -> Option<&'static str> {
    match name.rsplit_once('.')?.1 {
        "css" => Some("text/css; charset=utf-8"),
        "svg" => Some("image/svg+xml"),
        _ => None,
    }
}

/// `If-None-Match` as RFC 9110, section 13.1.2: a list, compared weakly.
fn is_fresh(request: &HeaderMap, etag: &str) -> bool {
    let lines = request
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|line| line.to_str().ok());
    let mut tags = lines.flat_map(|line| line.split(',')).map(str::trim);
    tags.any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn answer(name: &str, if_none_match: Option<&str>) -> Response {
        let mut request = HeaderMap::new();
        if let Some(tags) = if_none_match {
            request.insert(header::IF_NONE_MATCH, tags.parse().unwrap());
        }
        get(Ok(Path(name.to_owned())), request).await
    }

    #[tokio::test]
    async fn an_asset_says_what_it_is_and_how_long_it_keeps() {
        let answer = answer("doorward.css", None).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(
            answer.headers()[header::CONTENT_TYPE],
            "text/css; charset=utf-8"
        );
        assert_eq!(
            answer.headers()[header::CACHE_CONTROL],
            "public, max-age=3600"
        );
    }

    #[tokio::test]
    async fn a_known_asset_is_not_sent_again() {
        let etag = asset("door.svg").unwrap().etag;
        for tags in [
            etag.clone(),
            format!("W/{etag}"),
            format!("\"old\", {etag}"),
            "*".to_owned(),
        ] {
            assert_eq!(
                answer("door.svg", Some(&tags)).await.status(),
                StatusCode::NOT_MODIFIED,
                "{tags}"
            );
        }
        assert_eq!(
            answer("door.svg", Some("\"old\"")).await.status(),
            StatusCode::OK
        );
    }

    #[tokio::test]
    async fn nothing_else_is_served() {
        for name in [
            "",
            ".",
            "..",
            "no.css",
            "../../Cargo.toml",
            "..\\..\\Cargo.toml",
            "/etc/passwd",
            "door.svg/",
        ] {
            assert_eq!(
                answer(name, None).await.status(),
                StatusCode::NOT_FOUND,
                "{name:?}"
            );
        }
    }

    #[test]
    fn every_embedded_file_can_be_served() {
        for name in Files::iter() {
            assert!(asset(&name).is_some(), "{name} has no media type");
        }
    }
}
