//! One subrequest over a connection of its own, byte for byte as a proxy would write it.
//!
//! No HTTP library would send such paths and header lines, or show an answer's lines as they came.

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};

use tokio::net::TcpSocket;

use crate::support::process::PATIENCE;

/// What the proxy sends.
#[derive(Debug, Clone)]
pub(crate) struct Subrequest {
    pub(crate) method: String,
    pub(crate) target: String,
    /// One entry a line.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Subrequest {
    /// One line more, after all others.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Without any line of that name.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
        self
    }

    /// With one line of that name, and this value.
    pub(crate) fn replacing(self, name: &str, value: &str) -> Self {
        self.without(name).with(name, value)
    }

    /// The value of the only line of that name.
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(n, _)| n == name);
        &found.unwrap_or_else(|| panic!("{name} in {self:?}")).1
    }

    fn bytes(&self) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("Connection: close\r\n\r\n");
        [head.as_bytes(), &self.body].concat()
    }
}

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// One entry a line, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Reply {
    /// Reads the answer to one request, and nothing behind it.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let text = String::from_utf8(bytes.to_vec()).ok()?;
        let (head, body) = text.split_once("\r\n\r\n")?;
        let mut lines = head.split("\r\n");
        let status = lines.next()?.strip_prefix("HTTP/1.1 ")?.get(..3)?;
        let headers = lines.map(|line| {
            let (name, value) = line.split_once(':').expect("a header line");
            (name.to_lowercase(), value.trim().to_owned())
        });
        Some(Self {
            status: status.parse().ok()?,
            headers: headers.collect(),
            body: body.to_owned(),
        })
    }

    /// Every value of a header, line by line.
    pub(crate) fn lines(&self, name: &str) -> Vec<&str> {
        let matching = self.headers.iter().filter(|(n, _)| n == name);
        matching.map(|(_, value)| value.as_str()).collect()
    }

    /// The header's only value; `None` without one. Two lines fail the test.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.lines(name);
        assert!(lines.len() < 2, "{name} came twice: {self:?}");
        lines.first().copied()
    }
}

/// Sends it to `host:port` and reads until the other side closes.
pub(crate) async fn send(address: &str, request: &Subrequest) -> Reply {
    send_from(Ipv4Addr::UNSPECIFIED.into(), address, request).await
}

/// As [`send`], from this address of the machine.
pub(crate) async fn send_from(source: IpAddr, address: &str, request: &Subrequest) -> Reply {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket
        .bind(SocketAddr::new(source, 0))
        .expect("an address of this machine");
    let address: SocketAddr = address.parse().expect("host:port");
    let stream = socket.connect(address).await.expect("somebody listens");
    let stream = stream.into_std().expect("a socket");
    let bytes = request.bytes();
    let exchange = tokio::task::spawn_blocking(move || converse(stream, &bytes));
    let answer = exchange.await.expect("no panic");
    Reply::parse(&answer).unwrap_or_else(|| {
        let answer = String::from_utf8_lossy(&answer);
        panic!("no answer to {request:?}: {answer:?}")
    })
}

fn converse(mut stream: TcpStream, bytes: &[u8]) -> Vec<u8> {
    stream.set_nonblocking(false).expect("a socket");
    stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
    // A server that refuses early may close before it has read everything.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    answer
}
