//! The identifiers that travel through Doorward, each parsed once.
//!
//! App, pool and provider ids are short words chosen by the operator; a user id is a random UUID that means nothing
//! outside Doorward. Must not know how any of them is stored or shown.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

/// The longest app, pool or provider id, in characters.
pub const MAX_SLUG: usize = 32;

/// An id that does not have the form `[a-z0-9][a-z0-9-]{0,31}`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 32 of the characters a-z, 0-9 and -, and must not begin with -")]
pub struct SlugError;

fn check_slug(text: &str) -> Result<(), SlugError> {
    let form = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let fits = (1..=MAX_SLUG).contains(&text.len());
    if fits && text.chars().all(form) && !text.starts_with('-') {
        Ok(())
    } else {
        Err(SlugError)
    }
}

macro_rules! slug {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The id as it stands in the configuration.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = SlugError;

            fn from_str(text: &str) -> Result<Self, SlugError> {
                check_slug(text).map(|()| Self(text.to_owned()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

slug! {
    /// One protected app: its hosts, keys and rules are configured under this id.
    AppId
}
slug! {
    /// A pool of users. An app's own id names its pool unless `users` says otherwise.
    PoolId
}
slug! {
    /// One provider of identities: a part of its addresses, as in `/login/google`.
    ProviderId
}
slug! {
    /// A role that a rule may ask for and an operator may give to a user.
    Role
}

/// A user's random UUID (version 4): all that an app ever learns of somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(pub Uuid);

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(f)
    }
}

impl FromStr for UserId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, uuid::Error> {
        Uuid::try_parse(text).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_short_lower_case_and_never_begins_with_a_dash() {
        for good in ["a", "0", "shop", "my-shop", "a-", &"a".repeat(32)] {
            assert!(good.parse::<AppId>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "-a",
            "Shop",
            "my_shop",
            "a b",
            "é",
            "a.b",
            &"a".repeat(33),
        ] {
            assert_eq!(bad.parse::<AppId>(), Err(SlugError), "{bad}");
        }
    }

    #[test]
    fn a_user_id_is_written_in_lower_case_with_dashes() {
        let id: UserId = "8F14E45F-CEEA-467F-A8B0-1D7D6C3F2A11".parse().unwrap();
        assert_eq!(id.to_string(), "8f14e45f-ceea-467f-a8b0-1d7d6c3f2a11");
    }
}
