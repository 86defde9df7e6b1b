//! A user as scripts read it.

use serde::Serialize;

use crate::domain::email::Email;
use crate::domain::ids::Role;
use crate::domain::user::User;

/// One JSON object; keys are only ever added.
#[derive(Debug, Serialize)]
pub(super) struct Record<'a> {
    id: String,
    pool: &'a str,
    email: Option<&'a str>,
    email_proven_at: Option<String>,
    roles: Vec<&'a str>,
    disabled: bool,
    created_at: String,
}

impl<'a> From<&'a User> for Record<'a> {
    fn from(user: &'a User) -> Self {
        Self {
            id: user.id.to_string(),
            pool: user.pool.as_str(),
            email: user.email.as_ref().map(Email::as_str),
            email_proven_at: user.email_proven_at.map(|moment| moment.to_rfc3339()),
            roles: user.roles.iter().map(Role::as_str).collect(),
            disabled: user.disabled,
            created_at: user.created_at.to_rfc3339(),
        }
    }
}

/// Whether somebody can sign in to the account, in a word.
pub(super) const fn state(user: &User) -> &'static str {
    if user.disabled { "disabled" } else { "enabled" }
}
