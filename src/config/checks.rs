//! What is wrong between sections: hosts and keys in two apps, pools that do not fit their apps.
//!
//! Works on drafts, so that an error inside one app hides none between two.

use crate::config::apps::{self, AppKeys};
use crate::config::errors::{Problems, Read, Wrong};
use crate::config::secrets::KEY_REMEDY;
use crate::config::{pools, providers};
use crate::domain::app::SharedLogin;
use crate::domain::host::HostEntry;

/// A host with the app and the index it stands at.
struct Host<'a> {
    app: &'a apps::Draft,
    index: usize,
    entry: &'a HostEntry,
}

impl Host<'_> {
    fn key(&self) -> String {
        format!("apps.{}.hosts[{}]", self.app.id, self.index)
    }
}

/// Records everything that is wrong between apps and pools.
pub(super) fn check(drafts: &apps::Drafts, pools: &[pools::Draft], problems: &mut Problems) {
    let apps = &drafts.apps;
    let hosts: Vec<Host<'_>> = apps.iter().flat_map(hosts_of).collect();
    one_app_a_host(&hosts, problems);
    one_app_a_key(apps, problems);
    for pool in pools {
        if drafts.complete {
            used(pool, apps, problems);
        }
        if let Ok(Some(login)) = &pool.shared {
            login_host_is_no_app(pool, login, &hosts, problems);
        }
    }
    pools_apart(pools, problems);
    for host in &hosts {
        fits_pool(host, pools, problems);
    }
}

/// Records each provider that a pool names and that is not there, or twice.
pub(super) fn providers_exist(
    pools: &[pools::Draft],
    providers: &[providers::Draft],
    problems: &mut Problems,
) {
    for pool in pools {
        for (index, named) in pool.providers.iter().enumerate() {
            let Ok(named) = named else { continue };
            let earlier = pool.providers.iter().take(index);
            let wrong = if !providers.iter().any(|provider| provider.id == *named) {
                let remedy = format!("add a section [providers.{named}], or drop it here");
                Wrong::new(format!("{named} is not a provider"), remedy)
            } else if earlier.flatten().any(|other| other == named) {
                Wrong::new(format!("{named} is here already"), "drop one of the two")
            } else {
                continue;
            };
            problems.add(format!("pools.{}.providers[{index}]", pool.id), wrong);
        }
    }
}

fn hosts_of(app: &apps::Draft) -> impl Iterator<Item = Host<'_>> {
    let good = app
        .hosts
        .iter()
        .enumerate()
        .filter_map(|(index, read)| Some((index, read.as_ref().ok()?)));
    good.map(move |(index, entry)| Host { app, index, entry })
}

fn one_app_a_host(hosts: &[Host<'_>], problems: &mut Problems) {
    for (index, host) in hosts.iter().enumerate() {
        let mut earlier = hosts.iter().take(index);
        let Some(other) = earlier.find(|earlier| earlier.entry.overlaps(host.entry)) else {
            continue;
        };
        let entry = host.entry;
        let wrong = if other.app.id != host.app.id {
            let problem = format!(
                "{entry} belongs to the app {} too ({})",
                other.app.id,
                other.key()
            );
            Wrong::new(
                problem,
                "give each host to one app, or the two entries different ports",
            )
        } else if other.entry.scheme() != entry.scheme() {
            let problem = format!(
                "{entry} is here with the other scheme already ({})",
                other.key()
            );
            Wrong::new(problem, "keep the scheme that visitors use")
        } else {
            let problem = format!("{entry} is covered already ({})", other.key());
            Wrong::new(problem, "drop one of the two")
        };
        problems.add(host.key(), wrong);
    }
}

fn one_app_a_key(apps: &[apps::Draft], problems: &mut Problems) {
    for (index, app) in apps.iter().enumerate() {
        let shares =
            |other: &&apps::Draft| keys_of(app).any(|key| keys_of(other).any(|one| one.is(key)));
        if let Some(other) = apps.iter().take(index).find(shares) {
            let problem = format!("holds a key that the app {} has too", other.id);
            problems.add(
                format!("apps.{}.keys", app.id),
                Wrong::new(problem, KEY_REMEDY),
            );
        }
    }
}

fn keys_of(app: &apps::Draft) -> impl Iterator<Item = &crate::config::secrets::AppKey> {
    let keys = match &app.keys {
        Ok(AppKeys::Given(keys)) => keys.as_slice(),
        Ok(AppKeys::Generated(_)) | Err(_) => &[],
    };
    keys.iter()
}

fn used(pool: &pools::Draft, apps: &[apps::Draft], problems: &mut Problems) {
    // An app whose pool can't be read might be the one that uses it.
    if apps
        .iter()
        .all(|app| app.users.as_ref().is_ok_and(|users| *users != pool.id))
    {
        let remedy = format!(
            "write users = \"{}\" in an app, or drop the section",
            pool.id
        );
        problems.add(
            format!("pools.{}", pool.id),
            Wrong::new("nothing uses it", remedy),
        );
    }
}

fn login_host_is_no_app(
    pool: &pools::Draft,
    login: &SharedLogin,
    hosts: &[Host<'_>],
    problems: &mut Problems,
) {
    if let Some(host) = hosts
        .iter()
        .find(|host| host.entry.overlaps(&login.login_host))
    {
        let problem = format!(
            "{} is a host of the app {} ({})",
            login.login_host,
            host.app.id,
            host.key()
        );
        let wrong = Wrong::new(problem, "give the sign-in pages a host of their own");
        problems.add(format!("pools.{}.login_host", pool.id), wrong);
    }
}

/// Two pools with one sign-in host could not be told apart, and with one domain they would overwrite each other's
/// cookie.
fn pools_apart(pools: &[pools::Draft], problems: &mut Problems) {
    let shared =
        |pool: &'_ pools::Draft| pool.shared.as_ref().ok().and_then(Option::as_ref).cloned();
    for (index, pool) in pools.iter().enumerate() {
        let Some(login) = shared(pool) else { continue };
        for other in pools.iter().take(index) {
            let Some(earlier) = shared(other) else {
                continue;
            };
            let at = |key: &str| format!("pools.{}.{key}", pool.id);
            let problem = format!("is that of the pool {} too", other.id);
            if login.cookie_domain.overlaps(&earlier.cookie_domain) {
                let problem = format!(
                    "{} shares hosts with {} of the pool {}: browsers would send the sessions of both",
                    login.cookie_domain, earlier.cookie_domain, other.id
                );
                let remedy = "let the apps share one pool, or give each pool a domain of its own";
                problems.add(at("cookie_domain"), Wrong::new(problem, remedy));
            }
            if login.login_host.overlaps(&earlier.login_host) {
                let remedy = "give each pool a sign-in host of its own";
                problems.add(at("login_host"), Wrong::new(problem, remedy));
            }
        }
    }
}

fn fits_pool(host: &Host<'_>, pools: &[pools::Draft], problems: &mut Problems) {
    let Ok(users) = &host.app.users else { return };
    let pool = pools.iter().find(|pool| pool.id == *users);
    let entry = host.entry;
    let login: &Read<Option<SharedLogin>> = pool.map_or(&Ok(None), |pool| &pool.shared);
    let wrong = match login {
        Err(_) => return,
        Ok(None) if entry.is_wildcard() => {
            let problem =
                format!("{entry} is a wildcard, but the apps of the pool {users} share no cookie");
            let remedy =
                format!("name each host, or set cookie_domain and login_host in [pools.{users}]");
            Wrong::new(problem, remedy)
        }
        Ok(None) => return,
        Ok(Some(login)) if !login.cookie_domain.covers(entry.name()) => {
            let domain = &login.cookie_domain;
            let problem =
                format!("{entry} is not under {domain}, the cookie_domain of its pool {users}");
            Wrong::new(
                problem,
                format!("use a host under {domain}, or a pool of its own for this app"),
            )
        }
        Ok(Some(login)) if login.login_host.scheme() != entry.scheme() => {
            let problem = format!(
                "{entry} has another scheme than {}, the login_host",
                login.login_host
            );
            Wrong::new(
                problem,
                "use the same scheme for all hosts of a pool that shares its cookie",
            )
        }
        Ok(Some(_)) => return,
    };
    problems.add(host.key(), wrong);
}
