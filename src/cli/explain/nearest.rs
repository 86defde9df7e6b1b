//! The entry of `hosts` that was probably meant.

use strsim::damerau_levenshtein;

use crate::domain::app::{Apps, Realm};
use crate::domain::host::{Authority, HostEntry};

/// An entry that does not match, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Nearest {
    /// The host of the sign-in pages of a pool: no app, but known.
    SignIn { pool: String },
    /// The same name on another port.
    Port { app: String, entry: String },
    /// A wildcard over several labels at once, or over none.
    Label { app: String, entry: String },
    /// Another name.
    Name { app: String, entry: String },
}

/// The one that is nearest to a host that no app has.
pub(super) fn nearest(apps: &Apps, authority: &Authority) -> Option<Nearest> {
    let pages = apps.iter().find_map(|app| match &app.realm {
        Realm::Shared(login) if login.login_host.matches(authority) => Some(&app.pool),
        _ => None,
    });
    if let Some(pool) = pages {
        let pool = pool.to_string();
        return Some(Nearest::SignIn { pool });
    }
    let entries = || {
        apps.iter()
            .flat_map(|app| app.hosts.iter().map(move |entry| (app, entry)))
    };
    let found = |(app, entry): (&std::sync::Arc<crate::domain::app::App>, &HostEntry)| {
        (app.id.to_string(), entry.to_string())
    };
    if let Some((app, entry)) = entries()
        .find(|(_, entry)| entry.matches_name(authority.name()))
        .map(found)
    {
        return Some(Nearest::Port { app, entry });
    }
    if let Some((app, entry)) = entries()
        .find(|(_, entry)| is_elsewhere_below(entry, authority))
        .map(found)
    {
        return Some(Nearest::Label { app, entry });
    }
    let asked = authority.name().as_str();
    let distance = |entry: &HostEntry| damerau_levenshtein(entry.name().as_str(), asked);
    let (app, entry) = entries()
        .min_by_key(|(_, entry)| distance(entry))
        .map(found)?;
    Some(Nearest::Name { app, entry })
}

/// Whether a name is the one behind the `*` of an entry, or more than one label below it.
fn is_elsewhere_below(entry: &HostEntry, authority: &Authority) -> bool {
    let front = authority
        .name()
        .as_str()
        .strip_suffix(entry.name().as_str());
    entry.is_wildcard() && front.is_some_and(|front| front.is_empty() || front.ends_with('.'))
}

impl Nearest {
    /// The same, for people.
    pub(super) fn words(&self) -> String {
        match self {
            Self::SignIn { pool } => {
                format!("the host of the sign-in pages of the pool {pool}")
            }
            Self::Port { app, entry } => format!("{entry} of the app {app}, on another port"),
            Self::Label { app, entry } => {
                format!("{entry} of the app {app}, where * is exactly one label")
            }
            Self::Name { app, entry } => format!("{entry} of the app {app}"),
        }
    }
}
