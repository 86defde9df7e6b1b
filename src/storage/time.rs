//! What time it is for the database.
//!
//! Must not decide whose clock counts.

use super::connection::{Driver, in_time};
use super::{Connection, Result};
use crate::domain::clock::Timestamp;

/// The time of a database that has a clock of its own; none of one that is a file on this machine.
///
/// # Errors
///
/// When the database fails.
pub async fn now(db: &mut Connection) -> Result<Option<Timestamp>> {
    let Driver::Postgres(driver) = db.driver() else {
        return Ok(None);
    };
    let query = sqlx::query_scalar("SELECT clock_timestamp()").fetch_one(driver);
    Ok(Some(in_time(query).await?))
}
