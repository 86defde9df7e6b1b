//! Forgetting what is over.

use super::{OauthLogin, SIGN_IN_LIFETIME, SIGN_IN_MEMORY};
use crate::services::Failure;
use crate::storage::{claims, sign_ins, used_tokens};

/// How many one statement deletes.
const AT_ONCE: i64 = 5000;

impl OauthLogin {
    /// Forgets sign-ins, claims and used tokens whose time is over; yields how many.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn sweep(&self) -> Result<u64, Failure> {
        let now = self.common_clock.now();
        let mut forgotten = 0;
        loop {
            let mut db = self.database.acquire().await?;
            let old = sign_ins::delete_old(&mut db, now - SIGN_IN_MEMORY, AT_ONCE).await?;
            forgotten += old;
            if old < AT_ONCE.unsigned_abs() {
                forgotten += claims::delete_old(&mut db, now - SIGN_IN_LIFETIME).await?;
                forgotten += used_tokens::delete_ended(&mut db, now).await?;
                return Ok(forgotten);
            }
        }
    }
}
