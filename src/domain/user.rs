//! A person with an account in one pool.
//!
//! Must not know passwords: their hashes stay in storage and in the service that compares them.

use crate::domain::clock::Timestamp;
use crate::domain::email::Email;
use crate::domain::ids::{PoolId, Role, UserId};

/// An account. The same address in two pools is two people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The opaque id that apps see.
    pub id: UserId,
    /// The pool the account belongs to.
    pub pool: PoolId,
    /// The canonical address, unique in the pool; none where a provider told none.
    pub email: Option<Email>,
    /// When it was first proven that the address is the user's: by mail, by a provider that is believed, or by an operator.
    pub email_proven_at: Option<Timestamp>,
    /// What rules may ask for, in alphabetical order.
    pub roles: Vec<Role>,
    /// A disabled account can't sign in and has no live session.
    pub disabled: bool,
    /// When the account was made.
    pub created_at: Timestamp,
}

impl User {
    /// What people call the account: its address, or else its id.
    #[must_use]
    pub fn label(&self) -> String {
        let email = self.email.as_ref().map(|email| email.as_str().to_owned());
        email.unwrap_or_else(|| self.id.to_string())
    }
}
