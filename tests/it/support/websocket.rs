//! The visitor's side of a WebSocket.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use reqwest::StatusCode;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::handshake::HandshakeError;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::{Error, Message, WebSocket, client};

use super::tls;

/// A connection, with or without TLS.
trait Wire: Read + Write {}
impl<T: Read + Write> Wire for T {}

/// Opens `ws://host:port/path` or `wss:` with these header lines, sends one text, returns what comes back and takes
/// leave; or the status with which the handshake was refused. Every name is this machine.
pub(crate) async fn echo(
    url: &str,
    headers: &[(&str, &str)],
    text: &str,
) -> Result<String, StatusCode> {
    let request = request(url, headers);
    let text = text.to_owned();
    let exchange = move || {
        let mut socket = open(request)?;
        socket.send(Message::text(text)).expect("sent");
        let reply = socket.read().expect("an echo");
        let reply = reply.into_text().expect("text").to_string();
        socket.close(None).expect("sent");
        let end = std::iter::repeat_with(|| socket.read()).find_map(Result::err);
        assert!(matches!(end, Some(Error::ConnectionClosed)), "{end:?}");
        Ok(reply)
    };
    tokio::task::spawn_blocking(exchange)
        .await
        .expect("no panic")
}

fn request(url: &str, headers: &[(&str, &str)]) -> Request {
    let mut request = url.into_client_request().expect("a ws:// address");
    for (name, value) in headers {
        let name: HeaderName = name.parse().expect("a header name");
        let value = HeaderValue::from_str(value).expect("a header value");
        if name == "connection" {
            request.headers_mut().insert(name, value);
        } else {
            request.headers_mut().append(name, value);
        }
    }
    request
}

fn open(request: Request) -> Result<WebSocket<Box<dyn Wire>>, StatusCode> {
    let (uri, patience) = (request.uri().clone(), Duration::from_secs(30));
    let (host, port) = (uri.host().expect("a host"), uri.port_u16().expect("a port"));
    let stream = TcpStream::connect(("127.0.0.1", port)).expect("somebody listens");
    stream.set_read_timeout(Some(patience)).expect("a time-out");
    let wire: Box<dyn Wire> = if uri.scheme_str() == Some("wss") {
        Box::new(tls::connect(stream, host, "http/1.1"))
    } else {
        Box::new(stream)
    };
    match client::client(request, wire) {
        Ok((socket, _)) => Ok(socket),
        Err(HandshakeError::Failure(Error::Http(answer))) => Err(answer.status()),
        Err(HandshakeError::Failure(error)) => panic!("handshake: {error:?}"),
        Err(HandshakeError::Interrupted(_)) => panic!("handshake: no answer in {patience:?}"),
    }
}
