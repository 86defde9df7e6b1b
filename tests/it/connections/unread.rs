//! Requests that are answered before anybody has read their body: the answer arrives, and the connection stays.

use std::io::Write as _;
use std::time::Duration;

use super::{PAGE, ask, on};
use crate::support::doorward::Doorward;

/// Long enough for an answer that waits for nothing.
const A_MOMENT: Duration = Duration::from_millis(300);
const BODY: &str = "email=reader%40example.com&password=wrong";

/// The head of a sign-in with a body of so many bytes.
fn head(length: usize, more: &str) -> String {
    format!(
        "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {length}\r\n{more}\r\n"
    )
}

/// Where the first sign-in is one too many.
async fn closed() -> Doorward {
    let door = Doorward::builder().toml("[limits]\nsign_in = \"1 per 1d\"");
    let door = door.start().await;
    let first = format!("{}{BODY}", head(BODY.len(), ""));
    let first = on(door.public(), move |mut stream| ask(&mut stream, &first)).await;
    assert!(!first.starts_with("http/1.1 429 "), "{first}");
    door
}

/// What is answered to a head whose body comes later, and to the request after it on the same connection.
async fn answers(door: &Doorward, more: &str) -> [String; 2] {
    let head = head(BODY.len(), more);
    on(door.public(), move |mut stream| {
        stream.write_all(head.as_bytes()).expect("sent");
        std::thread::sleep(A_MOMENT);
        [ask(&mut stream, BODY), ask(&mut stream, PAGE)]
    })
    .await
}

#[tokio::test]
async fn an_answer_does_not_overtake_the_body_of_its_request() {
    let (open, closed) = (Doorward::builder().start().await, closed().await);
    let foreign = "Sec-Fetch-Site: cross-site\r\n";
    for (door, more, status) in [(&closed, "", " 429 "), (&open, foreign, " 403 ")] {
        let [refused, next] = answers(door, more).await;
        assert!(refused.contains(status), "{refused}");
        assert!(!refused.contains("connection: close"), "{refused}");
        assert!(next.starts_with("http/1.1 404 "), "{next}");
    }
}

#[tokio::test]
async fn threat_30_a_body_that_never_comes_or_is_large_is_not_waited_for() {
    let door = closed().await;
    let announced = [
        head(BODY.len(), ""),
        head(1 << 30, ""),
        // Whoever asks first is told, and not to go on.
        head(BODY.len(), "Expect: 100-continue\r\n"),
    ];
    for head in announced {
        let refused = on(door.public(), {
            let head = head.clone();
            move |mut stream| ask(&mut stream, &head)
        });
        let refused = refused.await;
        assert!(refused.contains(" 429 "), "{head}{refused}");
    }
}
