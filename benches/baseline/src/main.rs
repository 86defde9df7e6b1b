//! What Doorward's verify endpoint is held against: a handler that judges nothing and sends the same bytes.
//!
//! It is served as axum serves by itself, which is the fastest that it has, without a limit on anything, on the runtime
//! that Doorward has, and built with the same profile. It is a package of its own, because a benchmark of the root package
//! could only be built together with a second `doorward` that has the tests' features. `make bench` starts it:
//! `doorward-baseline X_USERID`, with a value of the length that Doorward sends. The first line of output is its address.

use std::error::Error;
use std::io::Write as _;
use std::net::TcpListener;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::routing::any;

/// The path that the driver asks Doorward for, and so this too.
const PATH: &str = "/verify/nginx/bench";

fn main() -> Result<(), Box<dyn Error>> {
    let value = std::env::args().nth(1).ok_or("which value of X-UserId?")?;
    let value = HeaderValue::try_from(value)?;
    let socket = TcpListener::bind("127.0.0.1:0")?;
    socket.set_nonblocking(true)?;
    writeln!(std::io::stdout(), "{}", socket.local_addr()?)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(serve(socket, value))?;
    Ok(())
}

async fn serve(socket: TcpListener, value: HeaderValue) -> std::io::Result<()> {
    let router = Router::new().route(PATH, any(allow)).with_state(value);
    axum::serve(tokio::net::TcpListener::from_std(socket)?, router).await
}

/// The two headers of an answer that allows.
async fn allow(State(value): State<HeaderValue>) -> [(HeaderName, HeaderValue); 2] {
    let no_store = HeaderValue::from_static("no-store");
    [
        (HeaderName::from_static("x-userid"), value),
        (header::CACHE_CONTROL, no_store),
    ]
}
