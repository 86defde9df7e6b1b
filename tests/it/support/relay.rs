//! A wire between Doorward and a store that a test can cut and mend.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// Passes connections on to a server, until it is cut.
pub(crate) struct Relay {
    address: SocketAddr,
    server: String,
    wire: Arc<Mutex<Wire>>,
}

#[derive(Default)]
struct Wire {
    is_cut: bool,
    /// Both ends of every connection since the last cut.
    streams: Vec<TcpStream>,
}

impl Relay {
    /// A relay to the server that a URL with `host:port` names.
    pub(crate) fn to(url: &str) -> Self {
        let (_, rest) = url.split_once("://").expect("a URL");
        let authority = rest.split('/').next().expect("an authority");
        let server = authority.rsplit('@').next().expect("host:port").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
        let address = listener.local_addr().expect("bound");
        let wire = Arc::new(Mutex::new(Wire::default()));
        let (theirs, target) = (Arc::clone(&wire), server.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let _ = connect(stream, &target, &theirs);
            }
        });
        Self {
            address,
            server,
            wire,
        }
    }

    /// The URL of the same server by way of this relay.
    pub(crate) fn url(&self, url: &str) -> String {
        url.replacen(&self.server, &self.address.to_string(), 1)
    }

    /// Ends every connection, and each new one at once, until [`Relay::mend`].
    pub(crate) fn cut(&self) {
        let mut wire = self.wire.lock().expect("no panic inside");
        wire.is_cut = true;
        for stream in wire.streams.drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    pub(crate) fn mend(&self) {
        self.wire.lock().expect("no panic inside").is_cut = false;
    }
}

/// Joins a new connection with one to the server; while cut, just drops it.
fn connect(client: TcpStream, server: &str, wire: &Mutex<Wire>) -> io::Result<()> {
    let mut wire = wire.lock().expect("no panic inside");
    if wire.is_cut {
        return Ok(());
    }
    let server = TcpStream::connect(server)?;
    for (from, to) in [(&client, &server), (&server, &client)] {
        let (mut from, mut to) = (from.try_clone()?, to.try_clone()?);
        wire.streams.push(from.try_clone()?);
        thread::spawn(move || {
            let _ = io::copy(&mut from, &mut to);
            let _ = to.shutdown(Shutdown::Both);
        });
    }
    Ok(())
}
