//! Free ports, and starting again on others when somebody else was faster.

use std::collections::HashSet;
use std::net::TcpListener;
use std::sync::{LazyLock, Mutex};

/// Ports handed out by this test process: none is handed out twice.
static TAKEN: LazyLock<Mutex<HashSet<u16>>> = LazyLock::new(Mutex::default);

/// A port on loopback that nobody listens on.
pub(crate) fn free_port() -> u16 {
    loop {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
        let port = listener.local_addr().expect("bound").port();
        if TAKEN.lock().expect("no panic inside").insert(port) {
            return port;
        }
    }
}

/// Calls `start` with free ports; again with others while its error is that an address is in use.
pub(crate) async fn on_free_ports<T, const N: usize>(
    mut start: impl AsyncFnMut([u16; N]) -> Result<T, String>,
) -> T {
    for _ in 0..5 {
        match start(std::array::from_fn(|_| free_port())).await {
            Ok(server) => return server,
            Err(log) if log.contains("in use") => {}
            Err(log) => panic!("a server did not start:\n{log}"),
        }
    }
    panic!("no free ports in five attempts");
}
