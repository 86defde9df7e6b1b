//! A wire between Doorward and a store that a test can cut, stall, slow down and mend.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

/// Passes connections on to a server, until it is cut.
pub(crate) struct Relay {
    address: SocketAddr,
    server: String,
    wire: Arc<Wire>,
}

#[derive(Default)]
struct Wire {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    is_cut: bool,
    is_stalled: bool,
    /// How much later what the server says arrives.
    delay: Duration,
    /// Connections made before this one are lost: nothing passes on them ever again.
    first_alive: u64,
    /// The number of the next connection.
    next: u64,
    /// Both ends of every connection since the last cut.
    streams: Vec<TcpStream>,
}

impl Wire {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no panic inside")
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state());
        self.changed.notify_all();
    }
}

impl Relay {
    /// A relay to the server that a URL with `host:port` names.
    pub(crate) fn to(url: &str) -> Self {
        let (_, rest) = url.split_once("://").expect("a URL");
        let authority = rest.split('/').next().expect("an authority");
        let server = authority.rsplit('@').next().expect("host:port").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
        let address = listener.local_addr().expect("bound");
        let wire = Arc::new(Wire::default());
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
        self.wire.change(|state| {
            state.is_cut = true;
            for stream in state.streams.drain(..) {
                let _ = stream.shutdown(Shutdown::Both);
            }
        });
    }

    /// From now on nothing passes in either direction and nothing is closed, until [`Relay::mend`]: then what was held
    /// up arrives.
    pub(crate) fn stall(&self) {
        self.wire.change(|state| state.is_stalled = true);
    }

    /// From now on everything that the server says arrives this much later, until [`Relay::mend`].
    pub(crate) fn delay(&self, delay: Duration) {
        self.wire.change(|state| state.delay = delay);
    }

    /// Every connection there is falls silent for good and is never closed, as when a firewall forgets it; new ones work.
    pub(crate) fn lose(&self) {
        self.wire.change(|state| {
            state.first_alive = state.next;
            // Kept by those who wait for ever: closing is just what a lost connection does not do.
            state.streams.clear();
        });
    }

    /// Everything works again, but for connections that were cut or lost.
    pub(crate) fn mend(&self) {
        self.wire.change(|state| {
            state.is_cut = false;
            state.is_stalled = false;
            state.delay = Duration::ZERO;
        });
    }
}

/// Joins a new connection with one to the server; while cut, just drops it.
fn connect(client: TcpStream, server: &str, wire: &Arc<Wire>) -> io::Result<()> {
    let mut state = wire.state();
    if state.is_cut {
        return Ok(());
    }
    let number = state.next;
    state.next += 1;
    let server = TcpStream::connect(server)?;
    for (from, to, is_answer) in [(&client, &server, false), (&server, &client, true)] {
        let (from, to) = (from.try_clone()?, to.try_clone()?);
        from.set_nodelay(true)?;
        state.streams.push(from.try_clone()?);
        let wire = Arc::clone(wire);
        let (tell, told) = channel();
        thread::spawn(move || read(&from, |bytes| tell.send((Instant::now(), bytes)).is_ok()));
        thread::spawn(move || {
            let _ = pass(&to, &told, &wire, (number, is_answer));
            let _ = to.shutdown(Shutdown::Both);
        });
    }
    Ok(())
}

/// Yields what comes, until one side ends it.
fn read(mut from: &TcpStream, mut take: impl FnMut(Vec<u8>) -> bool) {
    let mut bytes = vec![0; 64 * 1024];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        if !take(bytes[..count].to_vec()) {
            break;
        }
    }
}

/// Passes on what has come, each piece at its time.
fn pass(
    mut to: &TcpStream,
    told: &Receiver<(Instant, Vec<u8>)>,
    wire: &Wire,
    (number, is_answer): (u64, bool),
) -> io::Result<()> {
    loop {
        let piece = told.recv();
        let held_up = |state: &mut State| state.is_stalled || number < state.first_alive;
        let state = wire.changed.wait_while(wire.state(), held_up);
        let delay = state.expect("no panic inside").delay;
        let Ok((came, bytes)) = piece else {
            return Ok(());
        };
        if is_answer {
            thread::sleep((came + delay).saturating_duration_since(Instant::now()));
        }
        to.write_all(&bytes)?;
    }
}
