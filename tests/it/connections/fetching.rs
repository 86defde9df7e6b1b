//! Clients that ask and do not take the answer, and HTTP/2 connections that nobody uses.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::super::support::doorward::Doorward;
use super::super::support::process::PATIENCE;
use super::{STRANGERS, on};

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GO_AWAY: u8 = 7;
const ACK: u8 = 1;
const END_STREAM_AND_HEADERS: u8 = 1 | 4;
/// A setting: how much of an answer may be sent without being asked for more.
const INITIAL_WINDOW: u8 = 4;
/// A setting: how many requests there may be at once.
const MOST_AT_ONCE: u8 = 3;

/// A frame of HTTP/2 that came.
#[derive(Debug)]
struct Frame {
    kind: u8,
    payload: Vec<u8>,
}

/// A frame of HTTP/2 as it is sent (RFC 9113, section 4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).expect("short");
    let stream = stream.to_be_bytes();
    [&[0, 0, length, kind, flags], &stream[..], payload].concat()
}

/// The beginning of a connection over which no byte of an answer's body may come.
fn without_room() -> Vec<u8> {
    let nothing = frame(SETTINGS, 0, 0, &[0, INITIAL_WINDOW, 0, 0, 0, 0]);
    [&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..], &nothing].concat()
}

/// The request for a path (RFC 7541: two fields of the static table, and two names of it).
fn get(stream: u32, path: &str) -> Vec<u8> {
    let text = |name: u8, text: &str| {
        let length = u8::try_from(text.len()).expect("short");
        [&[name, length], text.as_bytes()].concat()
    };
    let block = [vec![0x82, 0x86], text(4, path), text(1, "localhost")].concat();
    frame(HEADERS, END_STREAM_AND_HEADERS, stream, &block)
}

/// Answers whatever wants an answer until the other side ends the connection or there is `enough`; what came.
fn keep_up(stream: &mut TcpStream, enough: fn(&Frame) -> bool) -> io::Result<Vec<Frame>> {
    let mut frames = Vec::new();
    loop {
        let mut head = [0; 9];
        match stream.read(&mut head[..1])? {
            0 => return Ok(frames),
            _ => stream.read_exact(&mut head[1..])?,
        }
        let [_, high, low, kind, flags, ..] = head;
        let mut payload = vec![0; usize::from(u16::from_be_bytes([high, low]))];
        stream.read_exact(&mut payload)?;
        let answer = match (kind, flags & ACK) {
            (SETTINGS, 0) => frame(SETTINGS, ACK, 0, &[]),
            (PING, 0) => frame(PING, ACK, 0, &payload),
            _ => Vec::new(),
        };
        // It may have said good-bye and gone.
        let _ = stream.write_all(&answer);
        frames.push(Frame { kind, payload });
        if frames.last().is_some_and(enough) {
            return Ok(frames);
        }
    }
}

fn count(frames: &[Frame], kind: u8) -> usize {
    frames.iter().filter(|frame| frame.kind == kind).count()
}

#[tokio::test]
async fn an_http_2_connection_without_a_request_ends_although_it_answers_pings() {
    let door = Doorward::builder().toml(STRANGERS).start().await;
    let frames = on(door.public(), |mut stream| {
        stream.write_all(&without_room())?;
        keep_up(&mut stream, |_| false)
    });
    let frames = frames.await.expect("the end of the connection");
    assert!(count(&frames, GO_AWAY) > 0, "an orderly end: {frames:?}");
}

/// Asks, and leaves no room for the answer; what comes until the end.
async fn ask(listener: &str, path: &'static str) -> io::Result<Vec<Frame>> {
    let ask = on(listener, move |mut stream| {
        stream.write_all(&[without_room(), get(1, path)].concat())?;
        keep_up(&mut stream, |_| false)
    });
    ask.await
}

#[tokio::test]
async fn threat_32_who_asks_and_leaves_no_room_for_the_answer_loses_the_connection() {
    let door = Doorward::builder().start().await;
    let page = ask(door.public(), "/login");
    let style = ask(door.public(), "/login/assets/doorward.css");
    let numbers = ask(door.internal(), "/metrics");
    let (page, style, numbers) = tokio::join!(page, style, numbers);
    for frames in [page, style, numbers] {
        let frames = frames.expect("the end of the connection");
        assert_eq!(count(&frames, HEADERS), 1, "it was answered: {frames:?}");
        assert_eq!(count(&frames, DATA), 0, "no room: {frames:?}");
    }
}

#[tokio::test]
async fn threat_32_who_asks_and_reads_nothing_loses_the_connection() {
    let door = Doorward::builder().start().await;
    // Much for little, so that all that lies between the two is soon full.
    let style = "GET /login/assets/doorward.css HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let request = style.repeat(100);
    let error = on(door.public(), move |mut stream| {
        let began = Instant::now();
        let wait = Duration::from_millis(200);
        stream.set_write_timeout(Some(wait)).expect("a socket");
        loop {
            match stream.write(request.as_bytes()) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Some(error.kind()),
            }
            if began.elapsed() > 4 * PATIENCE {
                return None;
            }
        }
    });
    let error = error.await.expect("the end of the connection");
    let ends = [ErrorKind::ConnectionReset, ErrorKind::BrokenPipe];
    assert!(ends.contains(&error), "{error:?}");
}

#[tokio::test]
async fn threat_32_one_connection_has_a_bounded_number_of_requests() {
    let door = Doorward::builder().start().await;
    for (listener, path, most) in [
        (door.public(), "/login", 64),
        (door.internal(), "/metrics", 256),
    ] {
        let frames = on(listener, move |mut stream| {
            stream.write_all(&without_room())?;
            for stream_id in (1..1_000).step_by(2) {
                stream.write_all(&get(stream_id, path))?;
            }
            stream.write_all(&frame(PING, 0, 0, b"the last"))?;
            let mut frames = keep_up(&mut stream, |frame| {
                frame.kind == PING && frame.payload == b"the last"
            })?;
            // Answers may come later than the answer to a ping.
            stream.set_read_timeout(Some(Duration::from_secs(1)))?;
            while let Ok(more) = keep_up(&mut stream, |_| true)
                && !more.is_empty()
            {
                frames.extend(more);
            }
            Ok::<_, io::Error>(frames)
        });
        let frames = frames.await.expect("answers");
        let settings = frames.iter().find(|frame| frame.kind == SETTINGS);
        let settings = settings.expect("settings").payload.chunks(6);
        let told = settings.filter(|setting| setting[1] == MOST_AT_ONCE);
        let told: Vec<_> = told.map(|setting| &setting[2..]).collect();
        assert_eq!(told, [&u32::to_be_bytes(most)]);
        let answered = count(&frames, HEADERS);
        assert!((1..=most as usize).contains(&answered), "{answered}");
    }
}
