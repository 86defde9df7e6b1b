//! HTTP/2 as no library would send it: header fields of any name and value, in any order.

use super::process::PATIENCE;
use super::tls::{self, Connection};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::TcpStream;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Every server accepts frames of this size.
const LARGEST_FRAME: usize = 16_384;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;

const ACK: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const PADDED: u8 = 8;
const PRIORITY: u8 = 32;

struct Frame {
    kind: u8,
    flags: u8,
    stream: u32,
    payload: Vec<u8>,
}

/// Sends these header fields (`:method` and the like among them) and this body as one request to `127.0.0.1:port`,
/// which has to be `host` and speak HTTP/2 over TLS. The status of the answer; 0 where the stream or the connection was
/// ended instead. A failure of TLS, or nothing at all in time, fails the test.
pub(crate) async fn status(address: &str, host: &str, fields: &[(&str, &str)], body: &[u8]) -> u16 {
    let (address, host) = (address.to_owned(), host.to_owned());
    let block: Vec<u8> = fields.iter().flat_map(|field| literal(*field)).collect();
    let start = [PREFACE.to_vec(), request(&block, body)].concat();
    let ask = move || {
        let stream = TcpStream::connect(address).expect("somebody listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time-out");
        let mut connection = tls::connect(stream, &host, "h2");
        while connection.conn.is_handshaking() {
            let done = connection.conn.complete_io(&mut connection.sock);
            done.expect("a TLS handshake");
        }
        exchange(&mut connection, &start).unwrap_or_else(|error| match error.kind() {
            ErrorKind::UnexpectedEof
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe => 0,
            _ => panic!("neither an answer nor an end: {error:?}"),
        })
    };
    tokio::task::spawn_blocking(ask).await.expect("no panic")
}

/// The frames of a request on the first stream.
fn request(block: &[u8], body: &[u8]) -> Vec<u8> {
    // No table of header fields, no push.
    let mut bytes = frame(SETTINGS, 0, 0, &[0, 1, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0]);
    let mut kind = HEADERS;
    let mut pieces = block.chunks(LARGEST_FRAME).peekable();
    while let Some(piece) = pieces.next() {
        let mut flags = 0;
        if kind == HEADERS && body.is_empty() {
            flags |= END_STREAM;
        }
        if pieces.peek().is_none() {
            flags |= END_HEADERS;
        }
        bytes.extend(frame(kind, flags, 1, piece));
        kind = CONTINUATION;
    }
    if !body.is_empty() {
        bytes.extend(frame(DATA, END_STREAM, 1, body));
    }
    bytes
}

fn exchange(connection: &mut Connection, start: &[u8]) -> io::Result<u16> {
    connection.write_all(start)?;
    let spoken = connection.conn.alpn_protocol();
    assert_eq!(spoken, Some(b"h2".as_slice()), "HTTP/2 is spoken");
    loop {
        let received = read(connection)?;
        match (received.kind, received.stream) {
            (SETTINGS, _) if received.flags & ACK == 0 => {
                connection.write_all(&frame(SETTINGS, ACK, 0, &[]))?;
            }
            (PING, _) if received.flags & ACK == 0 => {
                connection.write_all(&frame(PING, ACK, 0, &received.payload))?;
            }
            (HEADERS, 1) => match status_in(&received) {
                100..=199 => {}
                status => return Ok(status),
            },
            (RST_STREAM, 1) | (GOAWAY, _) => return Ok(0),
            _ => {}
        }
    }
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("short");
    let mut bytes = length.to_be_bytes()[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

fn read(connection: &mut Connection) -> io::Result<Frame> {
    let mut head = [0; 9];
    connection.read_exact(&mut head)?;
    let [a, b, c, kind, flags, stream @ ..] = head;
    let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
    connection.read_exact(&mut payload)?;
    Ok(Frame {
        kind,
        flags,
        stream: u32::from_be_bytes(stream),
        payload,
    })
}

/// A header field as it stands: not indexed, not compressed (RFC 7541, 6.2.2).
fn literal((name, value): (&str, &str)) -> Vec<u8> {
    let mut bytes = vec![0];
    for text in [name, value] {
        bytes.extend(integer(text.len()));
        bytes.extend(text.as_bytes());
    }
    bytes
}

/// An integer with a prefix of seven bits (RFC 7541, 5.1).
fn integer(mut number: usize) -> Vec<u8> {
    if number < 127 {
        return vec![u8::try_from(number).expect("small")];
    }
    number -= 127;
    let mut bytes = vec![127];
    while number >= 128 {
        bytes.push(u8::try_from(number % 128).expect("small") | 128);
        number /= 128;
    }
    bytes.push(u8::try_from(number).expect("small"));
    bytes
}

/// `:status` comes first: indexed, or as a literal whose name is indexed.
fn status_in(frame: &Frame) -> u16 {
    let padded = usize::from(frame.flags & PADDED != 0);
    let priority = if frame.flags & PRIORITY != 0 { 5 } else { 0 };
    let mut block = &frame.payload[padded + priority..];
    while block[0] & 0b1110_0000 == 0b0010_0000 {
        block = &block[1..]; // a new size of the table, which we do not keep
    }
    match block[0] {
        indexed @ 0x88..=0x8e => [200, 204, 206, 304, 400, 404, 500][usize::from(indexed - 0x88)],
        0x48..=0x4e | 0x08..=0x0e | 0x18..=0x1e => {
            let length = usize::from(block[1] & 0x7f);
            let digits = &block[2..2 + length];
            let text = if block[1] & 0x80 == 0 {
                String::from_utf8_lossy(digits).into_owned()
            } else {
                digits_of(digits)
            };
            text.parse().expect("a status")
        }
        other => panic!("no status, but {other:#x}"),
    }
}

/// The three digits of a status in Huffman's code (RFC 7541, appendix B): 0 to 2 have five bits, the others six.
fn digits_of(bytes: &[u8]) -> String {
    let mut bits = bytes
        .iter()
        .flat_map(|byte| (0..8).rev().map(move |n| (byte >> n) & 1));
    let mut take =
        |count: usize, start: u8| bits.by_ref().take(count).fold(start, |n, bit| n * 2 + bit);
    (0..3)
        .map(|_| match take(5, 0) {
            small @ 0..=2 => char::from(b'0' + small),
            start => char::from(take(1, start) - 0b01_1001 + b'3'),
        })
        .collect()
}
