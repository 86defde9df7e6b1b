//! How many connections each listener may hold.
//!
//! Each takes a file descriptor, and so does much else: the database, an app behind the gateway, a file. Who fills one
//! listener must leave enough for all of these, and above all for verification.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// The most connections of a listener, where the system allows for as many.
const MOST: u64 = 10_000;
/// The fewest, whatever the system allows.
const FEWEST: u64 = 16;
/// Descriptors for everything that is no connection to a listener.
const OTHERS: u64 = 128;

/// Places for connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Places {
    /// Of the public listener.
    pub(super) public: usize,
    /// Of the internal listener.
    pub(super) internal: usize,
}

impl Places {
    /// As many as this process may open, after it has asked for all that it may have.
    pub(super) fn of_process() -> Self {
        let limit = getrlimit(Resource::Nofile);
        let raised = Rlimit {
            current: limit.maximum,
            ..limit
        };
        // Where this is not allowed, what there is must do.
        let _ = setrlimit(Resource::Nofile, raised);
        let limit = getrlimit(Resource::Nofile).current;
        Self::within(limit.unwrap_or(u64::MAX))
    }

    /// A quarter for verification, and the rest for the public: half of it, because each of its connections may need
    /// another one to an app.
    fn within(descriptors: u64) -> Self {
        let spare = descriptors.saturating_sub(OTHERS);
        let internal = (spare / 4).clamp(FEWEST, MOST);
        let public = (spare.saturating_sub(internal) / 2).clamp(FEWEST, MOST);
        Self {
            public: usize::try_from(public).unwrap_or(usize::MAX),
            internal: usize::try_from(internal).unwrap_or(usize::MAX),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_places_together_leave_room_for_everything_else() {
        for descriptors in [256, 1024, 4096, 65_536, u64::MAX] {
            let Places { public, internal } = Places::within(descriptors);
            let taken = u64::try_from(2 * public + internal).unwrap();
            assert!(taken + OTHERS <= descriptors, "{descriptors}: {taken}");
            assert!(public >= 32 && internal >= 32, "{descriptors}");
        }
        let few = Places::within(10);
        assert_eq!((few.public, few.internal), (16, 16));
    }
}
