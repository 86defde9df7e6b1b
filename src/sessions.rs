//! Where sessions are kept, behind tower-sessions' `SessionStore`.
//!
//! A store is asked by the secret id and keeps only its hash. Must not know cookies or who may see what.

mod record;
mod sql;
mod token;
mod touch;

pub use record::{from_record, to_record};
pub use sql::SqlSessions;
pub use token::{Token, TokenError};
pub use touch::Touches;
