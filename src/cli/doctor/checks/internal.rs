//! What is for the proxy and the operator alone: verification, health and numbers.

use std::net::SocketAddr;
use std::time::Duration;

use super::Examined;
use crate::cli::doctor::X_USER_ID;
use crate::cli::doctor::ask::{Answer, Ask};
use crate::cli::doctor::exam::{Exam, code};
use crate::cli::doctor::mend::{Line, Mend};
use crate::cli::doctor::report::{Finding, Topic, Verdict};

pub(super) const VERIFY: Topic = Topic {
    id: "verify",
    title: "No visitor can ask Doorward to sign",
};
pub(super) const INTERNAL: Topic = Topic {
    id: "internal",
    title: "No path leads to the internal listener",
};
pub(super) const PORT: Topic = Topic {
    id: "internal-port",
    title: "The port of the internal listener is shut",
};

/// How long a port that should be shut may take to open.
const DOOR: Duration = Duration::from_secs(1);

pub(super) async fn verify(exam: &Exam<'_>) -> Examined {
    let public = format!("{}{}", exam.site.origin, exam.page("/login"));
    let app = exam.app_id();
    let pinned = app.map(|id| format!("/{id}")).unwrap_or_default();
    let paths = [
        "/.doorward".to_owned(),
        format!("/verify/nginx{pinned}"),
        format!("/verify/haproxy{pinned}"),
        format!("/verify/traefik{pinned}"),
        format!("/verify/caddy{pinned}"),
        format!("/verify/envoy{pinned}{}", exam.page("/login")),
    ];
    for path in paths {
        let ask = Ask::navigate(&exam.app, &*path)
            .with("X-Original-Method", "GET")
            .with("X-Original-URL", &*public)
            .with("X-Forwarded-Method", "GET")
            .with("X-Forwarded-Uri", exam.page("/login"));
        let answer = exam.ask(ask).await?;
        if !is_verification(&answer) {
            continue;
        }
        let what = format!("{path} asks Doorward's verify endpoint");
        let why = "Visitors can have headers signed, and learn the rules of every app.";
        let mend =
            Mend::by("Let no path of a visitor lead to the internal listener.").line(Line::Closed);
        let headers = [X_USER_ID, "location", "www-authenticate"];
        return Ok(Finding::new(what, why, mend).seen(&answer, &headers).into());
    }
    Ok(Verdict::Good)
}

/// Whether this is what Doorward says to a proxy and no proxy to a visitor: a signature, a 401 that names a page, or a
/// refusal without any words.
fn is_verification(answer: &Answer) -> bool {
    let signed = answer.headers.contains_key(X_USER_ID);
    let names_page = answer.status == 401 && answer.location().is_some();
    let no_store = answer.header("cache-control") == Some("no-store");
    let wordless = answer.status == 403 && answer.body.is_empty() && no_store;
    signed
        || names_page
        || wordless
        || (answer.status == 403 && code(answer).as_deref() == Some("forbidden"))
}

const WHY: &str =
    "It answers whoever reaches it: verification and health are for the proxy and for you.";

pub(super) async fn internal(exam: &Exam<'_>) -> Examined {
    for (path, says) in [("/healthz", "ok\n"), ("/readyz", "ready\n")] {
        let answer = exam.ask(Ask::get(&exam.app, path)).await?;
        if is_operations(&answer, says) {
            let what = format!("{path} of Doorward's internal listener is open to visitors");
            let mend = Mend::by("Let nothing but the question lead to the internal listener.");
            return Ok(Finding::new(what, WHY, mend.line(Line::Internal))
                .seen(&answer, &["content-type"])
                .into());
        }
    }
    Ok(Verdict::Good)
}

pub(super) async fn port(exam: &Exam<'_>) -> Verdict {
    let addresses = elsewhere(exam.app.addresses(), exam.site.internal_port);
    if addresses.is_empty() {
        return Verdict::not_checked(
            "a machine's own ports are open to itself: ask from another one",
        );
    }
    for address in addresses {
        let Some(answered) = health(address).await else {
            continue;
        };
        let what = format!("Doorward's internal listener is open at {address}");
        let mend = Mend::by("Let it listen where only the proxy reaches it.").configuration(
            format!("internal_listen = \"127.0.0.1:{}\"", address.port()),
        );
        let asked = format!("GET http://{address}/healthz");
        return Finding::new(what, WHY, mend).told(&asked, answered).into();
    }
    Verdict::Good
}

fn is_operations(answer: &Answer, says: &str) -> bool {
    let plain = answer
        .header("content-type")
        .is_some_and(|kind| kind.starts_with("text/plain"));
    let no_store = answer.header("cache-control") == Some("no-store");
    answer.is_success() && plain && no_store && answer.body == says
}

/// The internal port on the machines that were asked. From a machine itself its loopback tells nothing.
fn elsewhere(addresses: &[SocketAddr], port: u16) -> Vec<SocketAddr> {
    let others = addresses
        .iter()
        .filter(|address| !address.ip().is_loopback());
    others
        .map(|address| SocketAddr::new(address.ip(), port))
        .take(4)
        .collect()
}

/// What `/healthz` says there, if it is Doorward's.
async fn health(address: SocketAddr) -> Option<String> {
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .http1_only()
        .timeout(DOOR)
        .tls_certs_only([])
        .build();
    let mut response = client
        .ok()?
        .get(format!("http://{address}/healthz"))
        .send()
        .await
        .ok()?;
    let status = response.status().as_u16();
    // Doorward's is one short piece; whatever else answers there is not read to its end.
    let body = response.chunk().await.ok()??;
    (status == 200 && *body == *b"ok\n").then(|| "200, ok".to_owned())
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn a_loopback_address_tells_nothing_of_what_strangers_reach() {
        let addresses =
            ["127.0.0.1:443", "[::1]:443", "203.0.113.5:443"].map(|text| text.parse().unwrap());
        assert_eq!(
            elsewhere(&addresses, 8081),
            ["203.0.113.5:8081".parse().unwrap()]
        );
    }

    #[test]
    fn an_open_internal_listener_is_known_by_its_health() {
        let runtime = crate::cli::runtime().unwrap();
        for (body, is_ours) in [("ok\n", true), ("<html>", false)] {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = listener.local_addr().unwrap();
            let server = std::thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                let _ = stream.read(&mut [0; 1024]).unwrap();
                write!(
                    stream,
                    "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}",
                    body.len()
                )
                .unwrap();
            });
            assert_eq!(runtime.block_on(health(address)).is_some(), is_ours);
            server.join().unwrap();
        }
    }
}
