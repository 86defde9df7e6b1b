//! What the tests stand on: real servers on free ports, each with its data in a temporary folder.
//!
//! Every process started here ends with the test process, however that ends (see [`process`]).
//! Waiting is generous and ends as soon as the thing waited for is there; no test asserts a duration.
//! Nothing here imports Doorward's own code: the tests see what a proxy, an app or a visitor sees.

pub(crate) mod chromium;
pub(crate) mod doorward;
pub(crate) mod frames;
pub(crate) mod http;
pub(crate) mod identity;
pub(crate) mod ports;
pub(crate) mod postgres;
pub(crate) mod process;
pub(crate) mod provider;
pub(crate) mod proxy;
pub(crate) mod redis;
pub(crate) mod relay;
pub(crate) mod stand_in;
pub(crate) mod tls;
pub(crate) mod upstream;
pub(crate) mod websocket;
