//! One question to the routes and its answer, through the HTTP parser that the listeners use, without any socket.

use std::io;

use anyhow::{Context, bail};
use axum::Router;
use axum::serve::Listener;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// What fits into a connection before somebody reads.
const BUFFER: usize = 64 * 1024;

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Where the visitor is sent.
    pub location: Option<String>,
    /// The stable code of a problem.
    pub code: Option<String>,
    /// The sign-in page that a problem names.
    pub login_url: Option<String>,
    /// Whom `X-UserId` names: `anonymous`, or an id that is made up.
    pub subject: Option<String>,
    /// What the visitor would see.
    pub body: Body,
}

/// The body of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// Nothing.
    None,
    /// A page.
    Html,
    /// A problem.
    Json,
}

/// Connections to a router that is being served.
#[derive(Debug)]
pub(super) struct Wire {
    connections: mpsc::Sender<DuplexStream>,
    serving: JoinHandle<()>,
}

/// Takes connections as they are handed in.
struct Handed(mpsc::Receiver<DuplexStream>);

impl Listener for Handed {
    type Io = DuplexStream;
    type Addr = ();

    async fn accept(&mut self) -> (DuplexStream, ()) {
        match self.0.recv().await {
            Some(connection) => (connection, ()),
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<()> {
        Ok(())
    }
}

impl Wire {
    /// Serves `router`.
    pub(super) fn to(router: Router) -> Self {
        let (connections, handed) = mpsc::channel(1);
        let serving = tokio::spawn(async move {
            // It never ends by itself.
            let _ = axum::serve(Handed(handed), router).await;
        });
        Self {
            connections,
            serving,
        }
    }

    /// Sends a request that closes its connection, and reads the answer.
    pub(super) async fn ask(&self, request: &str) -> anyhow::Result<Answer> {
        let (mut ours, theirs) = duplex(BUFFER);
        let handed = self.connections.send(theirs).await;
        handed.context("nobody serves")?;
        ours.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        ours.read_to_end(&mut answer).await?;
        read(&String::from_utf8_lossy(&answer))
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn read(answer: &str) -> anyhow::Result<Answer> {
    let Some((head, body)) = answer.split_once("\r\n\r\n") else {
        bail!("there was no answer");
    };
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1));
    let status = status.and_then(|status| status.parse().ok());
    let headers: Vec<_> = lines.filter_map(|line| line.split_once(": ")).collect();
    let header = |name: &str| {
        let mut named = headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name));
        named.next().map(|(_, value)| (*value).to_owned())
    };
    let kind = header("content-type").unwrap_or_default();
    let problem: Value = serde_json::from_str(body).unwrap_or_default();
    let member = |name: &str| problem.get(name)?.as_str().map(ToOwned::to_owned);
    let subject = header("x-userid");
    let subject = subject.and_then(|value| Some(value.split_once('.')?.0.to_owned()));
    Ok(Answer {
        status: status.context("the answer has no status")?,
        location: header("location"),
        code: member("code"),
        login_url: member("login_url"),
        subject,
        body: match kind.split(';').next().unwrap_or_default() {
            "text/html" => Body::Html,
            "application/problem+json" => Body::Json,
            _ => Body::None,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_from_its_bytes() {
        let answer = "HTTP/1.1 401 Unauthorized\r\nContent-Type: application/problem+json\r\n\r\n\
                      {\"code\":\"login_required\",\"login_url\":\"https://a.example/login\"}";
        let expected = Answer {
            status: 401,
            location: None,
            code: Some("login_required".to_owned()),
            login_url: Some("https://a.example/login".to_owned()),
            subject: None,
            body: Body::Json,
        };
        assert_eq!(read(answer).unwrap(), expected);
        let allowed = "HTTP/1.1 200 OK\r\nx-userid: anonymous.1.x\r\ncontent-length: 0\r\n\r\n";
        let allowed = read(allowed).unwrap();
        assert_eq!(allowed.subject.as_deref(), Some("anonymous"));
        assert_eq!((allowed.status, allowed.body), (200, Body::None));
        for broken in ["", "HTTP/1.1 200 OK\r\n", "nonsense\r\n\r\n"] {
            assert!(read(broken).is_err(), "{broken:?}");
        }
    }
}
