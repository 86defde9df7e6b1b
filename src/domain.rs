//! Plain types and pure rules: what Doorward knows about hosts, paths, people and passwords.
//!
//! Everything here is parsed once and has private fields; nothing waits, reads a clock or does I/O. Must not import axum,
//! sqlx, tokio, reqwest, or any other module of this crate.

pub mod access;
pub mod admitted;
pub mod app;
pub mod client_address;
pub mod clock;
pub mod cookies;
pub mod decision;
pub mod device;
pub mod email;
pub mod flow;
pub mod host;
pub mod identity;
pub mod ids;
pub mod original_request;
pub mod password;
pub mod path;
pub mod provider;
pub mod random;
pub mod rate;
pub mod return_to;
pub mod session;
pub mod throttle;
pub mod user;
