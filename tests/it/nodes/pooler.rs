//! A pooler between, that lends one connection of the server to many clients: it answers every statement, `LISTEN` too,
//! and passes no notification on.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;

use super::{APP, Nodes, asked, by_hand, database};
use crate::support::doorward::Doorward;
use crate::support::http::get;
use crate::support::postgres;
use crate::support::process::eventually;
use crate::visitor::{register, sign_in};

const EMAIL: &str = "ann@example.com";

/// Starts one before this database; the URL by way of it.
fn pooler(url: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
    let address = listener.local_addr().expect("bound").to_string();
    let (_, rest) = url.split_once('@').expect("a user");
    let server = rest.split('/').next().expect("host:port").to_owned();
    let by_way = url.replacen(&server, &address, 1);
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let _ = join(&client, &server);
        }
    });
    by_way
}

fn join(client: &TcpStream, server: &str) -> io::Result<()> {
    let server = TcpStream::connect(server)?;
    let (mut asks, mut to_server) = (client.try_clone()?, server.try_clone()?);
    let to_client = client.try_clone()?;
    thread::spawn(move || {
        let _ = io::copy(&mut asks, &mut to_server);
        let _ = to_server.shutdown(Shutdown::Both);
    });
    thread::spawn(move || {
        let _ = pass_on(&server, &to_client);
        let _ = to_client.shutdown(Shutdown::Both);
    });
    Ok(())
}

/// Messages are a letter, their length with itself, and a body. `A` is a notification.
fn pass_on(mut server: &TcpStream, mut client: &TcpStream) -> io::Result<()> {
    loop {
        let mut message = vec![0; 5];
        server.read_exact(&mut message)?;
        let length = u32::from_be_bytes([message[1], message[2], message[3], message[4]]);
        let rest = usize::try_from(length).expect("small") - 4;
        message.resize(5 + rest, 0);
        server.read_exact(&mut message[5..])?;
        if message[0] != b'A' {
            client.write_all(&message)?;
        }
    }
}

/// The link is not up, so nothing is remembered: every answer is the database's.
#[tokio::test]
async fn threat_18_behind_a_pooler_every_session_is_read_anew() {
    let url = postgres::database().await;
    let toml = format!("{}{APP}", database(&pooler(&url)));
    let node = Doorward::builder().toml(&toml).start().await;
    eventually("a word about the pooler", async || {
        node.log().contains("no pooler shares").then_some(())
    })
    .await;
    register(&node, &[], EMAIL).await;
    for _ in 0..3 {
        let cookie = sign_in(&node, &[], EMAIL).await.cookie("SESSION").pair();
        for _ in 0..3 {
            assert_eq!(asked(&node, "/private", &cookie).await, 200);
        }
        by_hand(&url, "DELETE FROM sessions").await;
        assert_eq!(asked(&node, "/private", &cookie).await, 401);
    }
    let ready = get(&format!("{}/readyz", node.internal()), &[]).await;
    assert_eq!(ready.status, 200);
    let log = node.log();
    assert_eq!(
        log.matches("the link to the database is down").count(),
        1,
        "{log}"
    );
    assert!(!log.contains(" is up"), "{log}");
}

/// A node by way of the pooler and one without: neither is wrong about what the other ends.
#[tokio::test]
async fn threat_18_a_node_behind_a_pooler_tells_the_others() {
    let url = postgres::database().await;
    let toml = format!("{}{APP}", database(&pooler(&url)));
    let behind = Doorward::builder().toml(&toml).start().await;
    let nodes = Nodes::start(1, &database(&url)).await;
    nodes.registered(EMAIL).await;
    for _ in 0..3 {
        let cookie = nodes.signed_in(EMAIL).await;
        assert_eq!(asked(&behind, "/private", &cookie).await, 200);
        super::scenarios::sign_out(&behind, &cookie).await;
        nodes.denied(&cookie).await;
        let cookie = nodes.signed_in(EMAIL).await;
        super::scenarios::sign_out(nodes.first(), &cookie).await;
        assert_eq!(asked(&behind, "/private", &cookie).await, 401);
    }
}
