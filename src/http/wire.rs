//! Requests whose framing or target two parsers could read in two ways are refused before anything looks at them.
//!
//! See RFC 9112, sections 3.2, 6.1 and 11.2. The parser below has already refused what is plainly broken, and settled
//! some of it: of a length and a transfer coding it keeps the coding, of two equal lengths one. Where there was a
//! coding the connection is closed after the answer, so that nothing can hide behind the body.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Answers 400 and closes the connection on doubt.
pub(super) async fn refuse_doubtful(request: Request, next: Next) -> Response {
    if let Some(reason) = doubt(request.version(), request.uri(), request.headers()) {
        tracing::info!(
            reason,
            "a request was refused because it can be read in two ways"
        );
        return (StatusCode::BAD_REQUEST, [(header::CONNECTION, "close")]).into_response();
    }
    let close = request.headers().contains_key(header::TRANSFER_ENCODING);
    let mut response = next.run(request).await;
    if close && !response.headers().contains_key(header::CONNECTION) {
        response
            .headers_mut()
            .insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

fn doubt(version: Version, uri: &Uri, headers: &HeaderMap) -> Option<&'static str> {
    let count = |name| headers.get_all(name).iter().count();
    if count(header::CONTENT_LENGTH) > 1 {
        return Some("two lengths");
    }
    if headers.contains_key(header::CONTENT_LENGTH)
        && headers.contains_key(header::TRANSFER_ENCODING)
    {
        return Some("a length and a transfer coding");
    }
    match (count(header::HOST), version <= Version::HTTP_11) {
        (0, true) => return Some("no Host"),
        (2.., _) => return Some("two Hosts"),
        _ => {}
    }
    let host = headers.get(header::HOST);
    let agree = |authority: &str| {
        host.is_none_or(|host| host.as_bytes().eq_ignore_ascii_case(authority.as_bytes()))
    };
    let target = uri.authority().map(axum::http::uri::Authority::as_str);
    target
        .is_some_and(|authority| !agree(authority))
        .then_some("a target that is not the Host's")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(
        version: Version,
        uri: &str,
        headers: &[(&'static str, &'static str)],
    ) -> Option<&'static str> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_static(value));
        }
        doubt(version, &uri.parse().unwrap(), &map)
    }

    #[test]
    fn threat_42_doubtful_framing_and_targets_are_refused() {
        let host = ("host", "a.example");
        let one = Version::HTTP_11;
        assert_eq!(judge(one, "/", &[host]), None);
        assert_eq!(judge(one, "http://a.example/", &[host]), None);
        assert_eq!(judge(Version::HTTP_2, "https://a.example/", &[]), None);
        assert!(judge(one, "/", &[]).is_some());
        assert!(judge(Version::HTTP_10, "/", &[]).is_some());
        assert!(judge(one, "/", &[host, host]).is_some());
        assert!(judge(one, "http://b.example/", &[host]).is_some());
        assert!(judge(Version::HTTP_2, "https://b.example/", &[host]).is_some());
        assert!(
            judge(
                one,
                "/",
                &[host, ("content-length", "1"), ("content-length", "1")]
            )
            .is_some()
        );
        assert!(
            judge(
                one,
                "/",
                &[
                    host,
                    ("content-length", "1"),
                    ("transfer-encoding", "chunked")
                ]
            )
            .is_some()
        );
    }
}
