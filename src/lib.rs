//! Doorward: a small auth server that stands beside the reverse proxy you already have.
//!
//! Start at [`app`], which puts everything together; docs/architecture.md walks one request through the layers.

pub mod app;
pub mod cli;
pub mod config;
mod demo;
pub mod domain;
mod gateway;
mod http;
pub mod providers;
pub mod services;
pub mod sessions;
pub mod storage;
mod telemetry;
