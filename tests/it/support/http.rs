//! Requests as a test wants them: no redirect followed, no cookie kept, header lines as given.

mod client;
mod jar;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use serde_json::Value;

use super::process::PATIENCE;
use super::tls;
pub(crate) use client::Version;
use client::{HTTP1, HTTP2};
pub(crate) use jar::Jar;

/// What a browser says when it navigates.
pub(crate) const NAVIGATION: [(&str, &str); 3] = [
    ("accept", "text/html"),
    ("sec-fetch-mode", "navigate"),
    ("sec-fetch-dest", "document"),
];

/// What a browser says when it posts a form from a page of the same origin.
pub(crate) const FORM: [(&str, &str); 5] = [
    ("content-type", "application/x-www-form-urlencoded"),
    ("accept", "text/html"),
    ("sec-fetch-site", "same-origin"),
    ("sec-fetch-mode", "navigate"),
    ("sec-fetch-dest", "document"),
];

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    /// The header's only value; `None` without one. Two lines fail the test.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let values = self.header_lines(name);
        assert!(
            values.len() < 2,
            "{name} is there {} times: {values:?}",
            values.len()
        );
        values.first().copied()
    }

    /// Every value of a header, line by line.
    pub(crate) fn header_lines(&self, name: &str) -> Vec<&str> {
        self.headers
            .get_all(name)
            .iter()
            .map(|value| value.to_str().expect("ASCII"))
            .collect()
    }

    pub(crate) fn location(&self) -> Option<&str> {
        self.header("location")
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body)
            .unwrap_or_else(|error| panic!("not JSON ({error}): {}", self.body))
    }

    /// The stable `code` of a problem, or the empty string.
    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn cookies(&self) -> Vec<SetCookie> {
        self.header_lines("set-cookie")
            .into_iter()
            .map(SetCookie::parse)
            .collect()
    }

    /// The cookie of that name that this answer sets; fails the test when it sets none or two.
    pub(crate) fn cookie(&self, name: &str) -> SetCookie {
        let mut found: Vec<_> = self
            .cookies()
            .into_iter()
            .filter(|c| c.name == name)
            .collect();
        assert_eq!(found.len(), 1, "one cookie {name}, in {:?}", self.headers);
        found.remove(0)
    }
}

/// One `Set-Cookie` line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SetCookie {
    pub(crate) name: String,
    pub(crate) value: String,
    /// Names in lower case, in order; the value is empty for a flag.
    pub(crate) attributes: Vec<(String, String)>,
}

impl SetCookie {
    pub(crate) fn parse(line: &str) -> Self {
        let mut parts = line
            .split(';')
            .map(|part| part.split_once('=').unwrap_or((part, "")));
        let (name, value) = parts.next().expect("at least one part");
        let attributes = parts
            .map(|(n, v)| (n.trim().to_lowercase(), v.trim().to_owned()))
            .collect();
        Self {
            name: name.trim().to_owned(),
            value: value.trim().to_owned(),
            attributes,
        }
    }

    /// An attribute's value (empty for a flag); names in lower case.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }

    /// As the browser sends it back.
    pub(crate) fn pair(&self) -> String {
        format!("{}={}", self.name, self.value)
    }
}

/// Sends a request with these header lines, repeated names as repeated lines.
pub(crate) async fn send(
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: impl Into<reqwest::Body>,
) -> Answer {
    send_in(Version::Http1, method, url, headers, body).await
}

/// As [`send`], in this version of HTTP.
pub(crate) async fn send_in(
    version: Version,
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: impl Into<reqwest::Body>,
) -> Answer {
    let method = Method::from_bytes(method.as_bytes()).expect("a method");
    let client = match version {
        Version::Http1 => &HTTP1,
        Version::Http2 => &HTTP2,
    };
    let mut request = client.request(method, url).body(body);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    answer(request)
        .await
        .unwrap_or_else(|error| panic!("{url}: {error:?}"))
}

/// Waits until a GET of `url` is answered by 200. A proxy may listen before it knows its routes and certificates; `log`
/// tells what it says.
pub(crate) async fn wait_for(version: Version, url: &str, log: impl Fn() -> String) {
    let client = match version {
        Version::Http1 => &HTTP1,
        Version::Http2 => &HTTP2,
    };
    let mut last = None;
    for _ in 0..300 {
        let got = answer(client.get(url)).await;
        if got.as_ref().is_ok_and(|answer| answer.status == 200) {
            return;
        }
        last = Some(got);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{url} is not there: {last:?}\n{}", log());
}

pub(crate) async fn get(url: &str, headers: &[(&str, &str)]) -> Answer {
    send("GET", url, headers, "").await
}

/// A browser's navigation to the URL.
pub(crate) async fn navigate(url: &str, headers: &[(&str, &str)]) -> Answer {
    get(url, &[&NAVIGATION, headers].concat()).await
}

/// Posts a form as a browser does from a page of the same origin.
pub(crate) async fn post_form(
    url: &str,
    headers: &[(&str, &str)],
    fields: &[(&str, &str)],
) -> Answer {
    send("POST", url, &[&FORM, headers].concat(), form(fields)).await
}

/// The body of a form.
pub(crate) fn form(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields.iter())
        .finish()
}

/// Posts JSON as a program does: without any header that only browsers send.
pub(crate) async fn post_json(url: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
    let json = [
        ("content-type", "application/json"),
        ("accept", "application/json"),
    ];
    send("POST", url, &[&json, headers].concat(), body.to_string()).await
}

/// As [`get`], but `None` when nobody answers.
pub(crate) async fn try_get(url: &str) -> Option<Answer> {
    answer(HTTP1.get(url)).await.ok()
}

async fn answer(request: reqwest::RequestBuilder) -> reqwest::Result<Answer> {
    let response = request.send().await?;
    let (status, headers) = (response.status(), response.headers().clone());
    Ok(Answer {
        status,
        headers,
        body: response.text().await?,
    })
}

/// Sends these very bytes to `host:port` and returns what comes back until the other side closes, a
/// megabyte has come, or it takes too long: five seconds where the first
/// request does not ask for the connection's end. For requests that no HTTP library would send.
pub(crate) async fn raw(address: &str, bytes: &[u8]) -> Vec<u8> {
    raw_to(address, None, bytes).await
}

/// As [`raw`]; with a host by TLS, as HTTP/1.1.
pub(crate) async fn raw_to(address: &str, tls_host: Option<&str>, bytes: &[u8]) -> Vec<u8> {
    let (address, bytes) = (address.to_owned(), bytes.to_vec());
    let tls_host = tls_host.map(str::to_owned);
    let ask = move || {
        let stream = TcpStream::connect(address).expect("somebody listens");
        let wire = stream.try_clone().expect("a second handle");
        match tls_host {
            None => exchange(stream, &wire, &bytes),
            Some(host) => exchange(tls::connect(stream, &host, "http/1.1"), &wire, &bytes),
        }
    };
    tokio::task::spawn_blocking(ask).await.expect("no panic")
}

fn exchange(mut stream: impl Read + Write, wire: &TcpStream, bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes).to_lowercase();
    let first = text.split("\r\n\r\n").next().unwrap_or_default();
    let patience = if first.contains("connection: close") {
        PATIENCE
    } else {
        Duration::from_secs(5)
    };
    let end = Instant::now() + patience;
    // A server that refuses early may close before it has read everything.
    let _ = stream.write_all(bytes);
    let (mut received, mut chunk) = (Vec::new(), [0; 8192]);
    while received.len() < 1 << 20 {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() || wire.set_read_timeout(Some(left)).is_err() {
            break;
        }
        match stream.read(&mut chunk) {
            Ok(0) | Err(_) => break,
            Ok(length) => received.extend_from_slice(&chunk[..length]),
        }
    }
    received
}

/// The status of a raw answer, or 0 when there is none.
pub(crate) fn raw_status(answer: &[u8]) -> u16 {
    let text = String::from_utf8_lossy(answer);
    let code = text.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..5));
    code.and_then(|code| code.parse().ok()).unwrap_or(0)
}
