//! The sample app: a bookshop behind the door, as small as an app that knows its readers can be.
//!
//! It stands where your app would. Of Doorward it uses the verifier alone, in `identity`; a handler takes a `Reader`
//! and need not think about it again.

pub(crate) mod pages;
pub(crate) mod provider;

mod app;
mod identity;
mod proof;

use std::io;

use doorward_verify::Verifier;
use tokio::net::TcpListener;

/// Serves the shop, which believes `verifier`, until `stop` is done and what is under way is finished.
///
/// # Errors
///
/// When the listener fails.
pub(crate) async fn serve(
    listener: TcpListener,
    verifier: Verifier,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    axum::serve(listener, app::router(verifier))
        .with_graceful_shutdown(stop)
        .await
}
