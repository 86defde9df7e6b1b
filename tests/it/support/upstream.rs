//! A small app behind the proxy: it records every request as it came over the wire and answers with what it saw.
//!
//! It reads HTTP by itself, because a library would fold header names and merge lines before we could look.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::json;
use tokio_tungstenite::tungstenite::WebSocket;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::identity::now;

/// A request as the app received it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Recorded {
    pub(crate) method: String,
    /// As in the request line: nothing decoded.
    pub(crate) uri: String,
    /// `HTTP/1.1`, or an older one.
    pub(crate) version: String,
    /// One entry a line, names in the case they came in.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Recorded {
    /// Every value of a header, line by line, whatever the case of its name.
    pub(crate) fn header_lines(&self, name: &str) -> Vec<&str> {
        let matching = self
            .headers
            .iter()
            .filter(|(n, _)| n.eq_ignore_ascii_case(name));
        matching.map(|(_, value)| value.as_str()).collect()
    }

    /// The lines that some app might read as `X-UserId`: the name itself in any case, and its look-alikes with
    /// `_`, `.` or nothing in place of the dash.
    pub(crate) fn identity_lines(&self) -> Vec<(&str, &str)> {
        let folded = |name: &str| name.replace(['-', '_', '.'], "").to_lowercase();
        let alike = self
            .headers
            .iter()
            .filter(|(name, _)| folded(name) == "xuserid");
        alike
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect()
    }
}

/// The running app. `GET /ws` with an upgrade echoes messages; everything else gets its own request as JSON, unless the
/// query asks for something else: `answer=404` for that status, `length=5000` for so many bytes, and `cookie=a` sets one.
/// `clock=-120` says what a clock would say that is so many seconds off.
pub(crate) struct App {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    requests: Mutex<Vec<Recorded>>,
    /// The status of every answer, whatever is asked.
    status: Mutex<Option<u16>>,
    over: AtomicBool,
}

impl App {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
        let address = listener.local_addr().expect("bound");
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if theirs.over.load(Ordering::Relaxed) {
                    break;
                }
                let shared = Arc::clone(&theirs);
                thread::spawn(move || serve(stream, &shared));
            }
        });
        Self { address, shared }
    }

    /// `127.0.0.1:port`.
    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on this is the status of every answer.
    pub(crate) fn always_answer(&self, status: u16) {
        *self.shared.status.lock().expect("no panic inside") = Some(status);
    }

    /// Everything received since the last call.
    pub(crate) fn take_requests(&self) -> Vec<Recorded> {
        std::mem::take(&mut *self.shared.requests.lock().expect("no panic inside"))
    }

    /// The only request received since the last call; fails the test when there was none, or were more.
    pub(crate) fn take_only_request(&self) -> Recorded {
        let mut requests = self.take_requests();
        assert_eq!(
            requests.len(),
            1,
            "one request reached the app: {requests:#?}"
        );
        requests.remove(0)
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Relaxed);
        // Wakes the thread that waits for the next connection.
        let _ = TcpStream::connect(self.address);
    }
}

/// Request after request; anything unreadable ends the connection.
fn serve(mut stream: TcpStream, shared: &Shared) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    loop {
        let mut request = read_head(&mut reader)?;
        if !request.header_lines("expect").is_empty() {
            stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").ok()?;
        }
        request.body = read_body(&mut reader, &request)?;
        let key = request
            .header_lines("sec-websocket-key")
            .first()
            .map(|key| (*key).to_owned());
        let always = *shared.status.lock().expect("no panic inside");
        let answer = answer(&request, always);
        let wants_socket = request.uri.split('?').next() == Some("/ws")
            && request.version == "HTTP/1.1"
            && has_word(&request, "upgrade", "websocket")
            && has_word(&request, "connection", "upgrade");
        shared
            .requests
            .lock()
            .expect("no panic inside")
            .push(request);
        match key {
            Some(key) if wants_socket => return echo(stream, &key),
            _ => stream.write_all(&answer).ok()?,
        }
    }
}

/// Whether a header that lists words has this one, in any case.
fn has_word(request: &Recorded, name: &str, word: &str) -> bool {
    let lines = request.header_lines(name);
    let mut words = lines.iter().flat_map(|line| line.split(','));
    words.any(|candidate| candidate.trim().eq_ignore_ascii_case(word))
}

/// All but the body.
fn read_head(reader: &mut BufReader<TcpStream>) -> Option<Recorded> {
    let start = read_line(reader)?;
    let mut words = start.split(' ');
    let (method, uri) = (words.next()?.to_owned(), words.next()?.to_owned());
    let version = words.next()?.to_owned();
    let mut headers = Vec::new();
    loop {
        let line = read_line(reader)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':')?;
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    Some(Recorded {
        method,
        uri,
        version,
        headers,
        body: Vec::new(),
    })
}

fn read_line(reader: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = Vec::new();
    reader.read_until(b'\n', &mut line).ok()?;
    let line = line.strip_suffix(b"\r\n")?;
    Some(String::from_utf8_lossy(line).into_owned())
}

fn read_body(reader: &mut BufReader<TcpStream>, request: &Recorded) -> Option<Vec<u8>> {
    if request.header_lines("transfer-encoding").is_empty() {
        let length = request
            .header_lines("content-length")
            .first()
            .map_or("0", |length| length);
        return read_exactly(reader, length.parse().ok()?);
    }
    let mut body = Vec::new();
    loop {
        let length = usize::from_str_radix(read_line(reader)?.trim(), 16).ok()?;
        body.extend(read_exactly(reader, length)?);
        if length == 0 {
            // Trailers are nobody's header fields.
            while !read_line(reader)?.is_empty() {}
            return Some(body);
        }
        read_line(reader)?;
    }
}

fn read_exactly(reader: &mut BufReader<TcpStream>, length: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0; length];
    reader.read_exact(&mut bytes).ok()?;
    Some(bytes)
}

/// The whole answer to anything but a WebSocket.
fn answer(request: &Recorded, always: Option<u16>) -> Vec<u8> {
    let mut status = always.unwrap_or(200).to_string();
    let (mut more, mut body) = (String::new(), describe(request));
    let query = request.uri.split_once('?').map_or("", |(_, query)| query);
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "answer" => status = value.into_owned(),
            "length" => body = "x".repeat(value.parse().expect("a number")),
            "cookie" => more += &format!("Set-Cookie: {value}=1; Path=/\r\n"),
            _ => {}
        }
    }
    match status.as_str() {
        "302" => more += "Location: /elsewhere\r\n",
        "401" => more += "WWW-Authenticate: App\r\n",
        _ => {}
    }
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} App\r\nContent-Type: application/json\r\n{more}Content-Length: {length}\r\n\r\n"
    );
    let shown = if request.method == "HEAD" { "" } else { &body };
    format!("{head}{shown}").into_bytes()
}

fn describe(request: &Recorded) -> String {
    let query = request.uri.split_once('?').map_or("", |(_, query)| query);
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let off = pairs
        .find(|(name, _)| name == "clock")
        .map_or(0, |(_, value)| value.parse().expect("seconds"));
    json!({
        "time": now().saturating_add_signed(off),
        "method": request.method,
        "uri": request.uri,
        "headers": request.headers,
        "body": String::from_utf8_lossy(&request.body),
    })
    .to_string()
}

fn echo(mut stream: TcpStream, key: &str) -> Option<()> {
    let head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
    let accept = derive_accept_key(key.as_bytes());
    write!(stream, "{head}Sec-WebSocket-Accept: {accept}\r\n\r\n").ok()?;
    let mut socket = WebSocket::from_raw_socket(stream, Role::Server, None);
    while let Ok(message) = socket.read() {
        if message.is_text() || message.is_binary() {
            socket.send(message).ok()?;
        }
    }
    Some(())
}
