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
    if let Some(refusal) = refusal(&request) {
        return refusal;
    }
    let closes = closes(request.headers());
    let mut response = next.run(request).await;
    if closes {
        close(&mut response);
    }
    response
}

/// 400 and the end of the connection, where there is doubt.
pub(super) fn refusal<B>(request: &Request<B>) -> Option<Response> {
    let reason = doubt(request.version(), request.uri(), request.headers())?;
    tracing::info!(
        reason,
        "a request was refused because it can be read in two ways"
    );
    Some((StatusCode::BAD_REQUEST, [(header::CONNECTION, "close")]).into_response())
}

/// Whether the connection has to end with the answer to a request with these headers.
pub(super) fn closes(headers: &HeaderMap) -> bool {
    headers.contains_key(header::TRANSFER_ENCODING)
}

/// Ends the connection with this answer.
pub(super) fn close(response: &mut Response) {
    let close = HeaderValue::from_static("close");
    response
        .headers_mut()
        .entry(header::CONNECTION)
        .or_insert(close);
}

fn doubt(version: Version, uri: &Uri, headers: &HeaderMap) -> Option<&'static str> {
    let mut lengths = headers.get_all(header::CONTENT_LENGTH).iter();
    let length = lengths.next().is_some();
    if lengths.next().is_some() {
        return Some("two lengths");
    }
    if length && headers.contains_key(header::TRANSFER_ENCODING) {
        return Some("a length and a transfer coding");
    }
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next();
    if hosts.next().is_some() {
        return Some("two Hosts");
    }
    if host.is_none() && version <= Version::HTTP_11 {
        return Some("no Host");
    }
    let target = uri.authority().map(axum::http::uri::Authority::as_str);
    let agrees = |authority: &str| {
        host.is_none_or(|host| host.as_bytes().eq_ignore_ascii_case(authority.as_bytes()))
    };
    target
        .is_some_and(|authority| !agrees(authority))
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
