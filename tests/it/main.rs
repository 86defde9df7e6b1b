//! The integration tests: the real binary, with real servers around it.
//!
//! Modules mirror the URLs they ask for. `support` starts what they need.
#![cfg(test)]

mod support;
mod nginx;
mod visitor;
mod verify;
mod wire;
