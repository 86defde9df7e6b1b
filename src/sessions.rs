//! Where sessions are kept, behind tower-sessions' `SessionStore`.
//!
//! A store is asked by the secret id and keeps only its hash. Must not know cookies or who may see what.

pub mod cache;

mod link;
mod loader;
mod record;
mod redis;
mod sql;
mod store;
mod token;
mod touch;
mod watch;

pub use cache::{Cache, Known};
pub use loader::Loader;
pub use record::{from_record, to_record};
pub use redis::{RedisSessions, Settings as RedisSettings};
pub use sql::SqlSessions;
pub use store::Store;
pub use token::{Token, TokenError};
pub use touch::Touches;
pub use watch::watch;
