//! `doorward healthcheck`, as a container engine or a script asks it.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

use super::{Said, run};
use crate::support::doorward::{self, Doorward};
use crate::support::ports::free_port;
use crate::support::postgres;
use crate::support::relay::Relay;

/// Asks by this configuration, without any Doorward of ours behind it.
async fn ask(config: &str, words: &[&str]) -> Said {
    doorward::run(Some(config), words).await.into()
}

/// A configuration with this internal listener, which others may reach.
fn listening_on(address: &str) -> String {
    format!("[server]\ninternal_listen = \"{address}\"\ntrusted_proxies = [\"10.0.0.5\"]\n")
}

/// Something else that listens; the thread ends with the test process.
fn somebody_else(answer: impl Fn(TcpStream) + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
    let port = listener.local_addr().expect("bound").port();
    thread::spawn(move || listener.incoming().flatten().for_each(answer));
    port
}

fn say(mut stream: TcpStream, text: &str) {
    // The question fits into one read; who asked may be gone before the answer.
    let _ = stream.read(&mut [0; 1024]);
    let _ = stream.write_all(text.as_bytes());
}

#[tokio::test]
async fn a_server_that_serves_is_healthy_and_ready() {
    let doorward = Doorward::builder().start().await;
    let internal = doorward.internal();
    assert_eq!(
        run(&doorward, &["healthcheck"]).await.done(),
        format!("Doorward is healthy: {internal}/healthz says so.\n")
    );
    assert_eq!(
        run(&doorward, &["healthcheck", "--ready"]).await.done(),
        format!("Doorward is ready: {internal}/readyz says so.\n")
    );
}

#[tokio::test]
async fn threat_21_a_server_whose_database_is_down_is_healthy_but_not_ready() {
    let database = postgres::database().await;
    let relay = Relay::to(&database);
    let config = format!("[database]\nurl = \"{}\"\n", relay.url(&database));
    let doorward = Doorward::builder().toml(&config).start().await;
    relay.cut();
    run(&doorward, &["healthcheck"]).await.done();
    let url = format!("{}/readyz", doorward.internal());
    let ready = run(&doorward, &["healthcheck", "--ready"]).await;
    assert_eq!(
        ready.failed(1),
        format!("doorward: not ready: {url}: 503, database unavailable\n")
    );
    relay.mend();
    run(&doorward, &["healthcheck", "--ready"]).await.done();
}

#[tokio::test]
async fn where_nobody_listens_nobody_is_healthy() {
    let port = free_port();
    let config = listening_on(&format!("127.0.0.1:{port}"));
    for (words, state, path) in [
        (&["healthcheck"][..], "healthy", "healthz"),
        (&["healthcheck", "--ready"], "ready", "readyz"),
    ] {
        let said = ask(&config, words).await.failed(1);
        let start = format!("doorward: not {state}: http://127.0.0.1:{port}/{path}: ");
        assert!(
            said.starts_with(&start) && said.contains("refused"),
            "{said}"
        );
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

#[tokio::test]
async fn a_listener_on_every_address_is_asked_on_loopback() {
    let port = somebody_else(|stream| say(stream, "HTTP/1.1 200 OK\r\n\r\nok\n"));
    let config = listening_on(&format!("0.0.0.0:{port}"));
    assert_eq!(
        ask(&config, &["healthcheck"]).await.done(),
        format!("Doorward is healthy: http://127.0.0.1:{port}/healthz says so.\n")
    );
}

#[tokio::test]
async fn what_is_silent_or_no_doorward_is_not_healthy() {
    let silent = somebody_else(|stream| {
        thread::spawn(move || {
            thread::park();
            drop(stream);
        });
    });
    let other = somebody_else(|stream| say(stream, "SSH-2.0-OpenSSH_9.2\r\n"));
    for (port, reason) in [
        (silent, "no answer within 5 seconds"),
        (other, "what answers there does not speak HTTP"),
    ] {
        let config = listening_on(&format!("127.0.0.1:{port}"));
        let said = ask(&config, &["healthcheck"]).await.failed(1);
        assert!(said.ends_with(&format!("/healthz: {reason}\n")), "{said}");
    }
}

/// Container engines keep the exit code 2 for themselves.
#[tokio::test]
async fn a_configuration_that_tells_no_address_is_a_failure_like_any_other() {
    let wrong = ask("[server]\ninternal_listen = \"here\"\n", &["healthcheck"]).await;
    let said = wrong.failed(1);
    assert!(said.contains("server.internal_listen"), "{said}");
    let free = ask(&listening_on("127.0.0.1:0"), &["healthcheck"]).await;
    let said = free.failed(1);
    assert!(
        said.contains("give server.internal_listen a number"),
        "{said}"
    );
}
