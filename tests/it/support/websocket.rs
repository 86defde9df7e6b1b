//! The visitor's side of a WebSocket.

use std::net::TcpStream;
use std::time::Duration;

use reqwest::StatusCode;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::handshake::HandshakeError;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::{Error, Message, client};

/// Opens `ws://host:port/path` with these header lines, sends one text and returns what comes back; or the status
/// with which the handshake was refused.
pub(crate) async fn echo(
    url: &str,
    headers: &[(&str, &str)],
    text: &str,
) -> Result<String, StatusCode> {
    let mut request = url.into_client_request().expect("a ws:// address");
    for (name, value) in headers {
        let name: HeaderName = name.parse().expect("a header name");
        request
            .headers_mut()
            .append(name, HeaderValue::from_str(value).expect("a header value"));
    }
    let address = request
        .uri()
        .authority()
        .expect("host and port")
        .to_string();
    let text = text.to_owned();
    let exchange = move || {
        let stream = TcpStream::connect(address).expect("somebody listens");
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .expect("a time-out");
        let (mut socket, _) = match client::client(request, stream) {
            Ok(open) => open,
            Err(HandshakeError::Failure(Error::Http(answer))) => return Err(answer.status()),
            Err(error) => panic!("handshake: {error:?}"),
        };
        socket.send(Message::text(text)).expect("sent");
        let reply = socket
            .read()
            .expect("an echo")
            .into_text()
            .expect("text")
            .to_string();
        let _ = socket.close(None);
        Ok(reply)
    };
    tokio::task::spawn_blocking(exchange)
        .await
        .expect("no panic")
}
