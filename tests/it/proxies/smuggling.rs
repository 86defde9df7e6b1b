//! Requests inside requests: what was not asked about does not reach the app.

use futures_util::future::join_all;

use super::site::{Front, Site};

/// What a smuggler wants: a path that is denied to everybody.
const WANTED: &str = "/internal/x";

pub(super) async fn threat_42_no_second_request_is_smuggled_past_the_question(front: Front) {
    let site = Site::start(front).await;
    let cookie = site.register("reader@example.com").await;
    let host = site.authority();
    let inner = format!(
        "GET {WANTED} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
    );
    let length = inner.len();
    let chunked = format!("0\r\n\r\n{inner}");
    let both = chunked.len();
    let post = format!("POST / HTTP/1.1\r\nHost: {host}\r\n");
    let bodies = [
        // two lengths, or a length that only some can read
        format!("Content-Length: {length}\r\nContent-Length: 0\r\n\r\n{inner}"),
        format!("Content-Length: 0\r\nContent-Length: {length}\r\n\r\n{inner}"),
        format!("Content-Length: 0, {length}\r\n\r\n{inner}"),
        format!("Content-Length: +{length}\r\n\r\n{inner}"),
        format!("Content-Length: -1\r\n\r\n{inner}"),
        format!("Content-Length: 0x0\r\n\r\n{inner}"),
        format!("Content-Length : {length}\r\n\r\n{inner}"),
        format!("Content-Length: 0\r\n\r\n{inner}"),
        format!("Content-Length: {length}\r\n\r\n{inner}"),
        // chunks that only some see
        format!("Content-Length: {both}\r\nTransfer-Encoding: chunked\r\n\r\n{chunked}"),
        format!("Content-Length: 5\r\nTransfer-Encoding: xchunked\r\n\r\n{chunked}"),
        format!("Content-Length: {both}\r\nTransfer-Encoding : chunked\r\n\r\n{chunked}"),
        format!("Content-Length: {both}\r\nTransfer_Encoding: chunked\r\n\r\n{chunked}"),
        format!("Content-Length: {both}\r\nTransfer-Encoding: \x0bchunked\r\n\r\n{chunked}"),
        format!("Content-Length: {both}\r\n Transfer-Encoding: chunked\r\n\r\n{chunked}"),
        format!("Transfer-Encoding: chunked, identity\r\n\r\n{chunked}"),
        format!("Transfer-Encoding: identity\r\nContent-Length: {both}\r\n\r\n{chunked}"),
        format!("Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n{chunked}"),
        format!("Transfer-Encoding: chunked\r\n\r\n0;a=\"\r\n\r\n{inner}\"\r\n\r\n"),
        format!("Transfer-Encoding: chunked\r\n\r\n0\n\n{inner}"),
        format!("Transfer-Encoding: chunked\r\n\r\n-0\r\n\r\n{inner}"),
        // a line that ends for some
        format!("X: a\n\n{inner}"),
        format!("X: a\r\r{inner}"),
        format!("X: a\0\r\n\r\n{inner}"),
        format!("Connection: Content-Length\r\nContent-Length: {length}\r\n\r\n{inner}"),
        format!("Expect: 100-continue\r\nContent-Length: {length}\r\n\r\n{inner}"),
    ];
    let requests: Vec<_> = bodies.iter().map(|body| format!("{post}{body}")).collect();
    join_all(requests.iter().map(|request| site.raw(request))).await;
    assert_nothing_was_smuggled(&site);
    // What stayed behind in a connection to the app would come first now.
    for _ in 0..8 {
        assert_eq!(site.get("/news/x", &[]).await.status, 200);
    }
    assert_nothing_was_smuggled(&site);
}

pub(super) async fn threat_42_nothing_is_smuggled_through_frames(front: Front) {
    let site = Site::start(front).await;
    let cookie = site.register("reader@example.com").await;
    for (fields, body) in framed(&site.authority(), &cookie) {
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, value)| (&**name, &**value))
            .collect();
        site.ask_in_fields(&fields, body.as_bytes()).await;
    }
    assert_nothing_was_smuggled(&site);
    for _ in 0..8 {
        assert_eq!(site.get("/news/x", &[]).await.status, 200);
    }
    assert_nothing_was_smuggled(&site);
}

/// Header fields and a body.
type Framed = (Vec<(String, String)>, String);

/// What HTTP/2 can carry and HTTP/1.1 would read as something else.
fn framed(host: &str, cookie: &str) -> Vec<Framed> {
    let inner = format!("GET {WANTED} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n");
    let injected = format!("a\r\n\r\n{inner}");
    let forged = format!("x: a\r\nx-userid: forged\r\nCookie: {cookie}\r\n\r\n{inner}");
    let path = format!("/ HTTP/1.1\r\nHost: {host}\r\n\r\n{inner}");
    let method = format!("GET {WANTED} HTTP/1.1\r\nHost: {host}\r\n\r\nGET");
    let authority = format!("{host}\r\n\r\n{inner}");
    let chunked = format!("0\r\n\r\n{inner}");
    let bodies = [
        (vec![("content-length", "0")], &inner),
        (vec![("content-length", "1")], &inner),
        (vec![("content-length", "99999")], &inner),
        (vec![("transfer-encoding", "chunked")], &chunked),
        (
            vec![("content-length", "0"), ("transfer-encoding", "chunked")],
            &chunked,
        ),
    ];
    let lines = [
        injected.replace("\r\n", "\n"),
        injected.replace("\r\n", "\r"),
        injected,
    ];
    let names = [
        ("x", "a\0b"),
        ("x\r\nx-userid", "forged"),
        ("x: a\r\nx-userid", "forged"),
        ("cookie", &forged),
        ("connection", "x-userid"),
        ("upgrade", "h2c"),
        ("X-UserId", "forged"),
        (":path", WANTED),
    ];
    let post = |more: &[(&str, &str)]| [&fields_of("POST", host, "/")[..], &owned(more)].concat();
    let bodies = bodies
        .iter()
        .map(|(more, body)| (post(more), (*body).clone()));
    let values = lines.iter().map(|line| ("x", line.as_str()));
    let headers = values
        .chain(names)
        .map(|header| (post(&[header]), String::new()));
    let starts = [
        fields_of("GET", host, &path),
        fields_of(&method, host, "/"),
        fields_of("GET", &authority, "/"),
    ];
    let starts = starts.map(|fields| (fields, String::new()));
    bodies.chain(headers).chain(starts).collect()
}

fn fields_of(method: &str, authority: &str, path: &str) -> Vec<(String, String)> {
    owned(&[
        (":method", method),
        (":scheme", "https"),
        (":authority", authority),
        (":path", path),
    ])
}

fn owned(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    fields.iter().map(pair).collect()
}

/// Every request that reached the app was asked about, and none is the wanted one.
fn assert_nothing_was_smuggled(site: &Site) {
    for request in site.app.take_requests() {
        assert!(!request.uri.contains("internal"), "{request:#?}");
        assert_eq!(site.identity(&request).subject, "anonymous", "{request:#?}");
    }
}
