//! `[apps.<id>]`: the protected apps.
//!
//! An app is first a draft: what could be read of it, so that it can be held against the others even where some of
//! it is wrong.

mod fields;
mod keys;
mod rules;

use std::path::{Path, PathBuf};

use toml::{Table, Value};

use crate::config::errors::{Read, Wrong};
use crate::config::fields::Fields;
use crate::config::reader::{Ids, Reader};
use crate::config::secrets::AppKey;
use crate::domain::access::{Policy, own_pages};
use crate::domain::app::Binding;
use crate::domain::host::{Authority, HostEntry, Origin};
use crate::domain::ids::{AppId, PoolId};
use crate::domain::path::PathPattern;

pub(super) use fields::SECTION;
use fields::{BINDING, DEFAULT_ACCESS, HOSTS, LOGIN_PAGE, PUBLIC_URL, RULES, UPSTREAM, USERS};
pub(super) use rules::SECTION as RULE_SECTION;

/// The app of an installation that names none.
const LOCAL_APP: &str = "app";
/// Its hosts.
const LOCAL_HOSTS: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];
/// Where its key is kept, beside the database.
const LOCAL_KEY: &str = "app.key";

/// A protected app.
#[derive(Debug, Clone)]
pub struct AppConfig {
    /// The hosts it answers to; never empty.
    pub hosts: Vec<HostEntry>,
    /// The origin for links in mails and for returns that name no place.
    pub public_url: Origin,
    /// What signs its `X-UserId`.
    pub keys: AppKeys,
    /// What its `X-UserId` is bound to.
    pub binding: Binding,
    /// The pool of users that may sign in.
    pub users: PoolId,
    /// Who may see what; `login_page` is exempt. Doorward's pages are no matter of the app's alone: see
    /// [`Config::domain_apps`](super::Config::domain_apps).
    pub policy: Policy,
    /// A sign-in page of the app's own, as a path.
    pub login_page: Option<String>,
    /// Where the built-in gateway finds the app, as `http://host[:port]`.
    pub upstream: Option<String>,
}

/// What signs an app's `X-UserId`.
#[derive(Debug, Clone)]
pub enum AppKeys {
    /// One to eight keys. The first signs, all verify.
    Given(Vec<AppKey>),
    /// One key, made at the first start and kept in this file: see
    /// [`resolve_generated`](super::resolve_generated).
    Generated(PathBuf),
}

/// What could be read of an app.
pub(super) struct Draft {
    pub(super) id: AppId,
    pub(super) hosts: Vec<Read<HostEntry>>,
    pub(super) users: Read<PoolId>,
    pub(super) keys: Read<AppKeys>,
    public_url: Read<Option<Origin>>,
    binding: Read<Binding>,
    policy: Read<Policy>,
    login_page: Read<Option<String>>,
    upstream: Read<Option<String>>,
}

/// What could be read of all apps.
pub(super) struct Drafts {
    pub(super) apps: Vec<Draft>,
    /// Whether there were no others, whose id could not be read.
    pub(super) complete: bool,
}

/// Reads all apps. Without any there is one for local use, whose key is kept in `folder`.
pub(super) fn read(reader: &mut Reader, base_path: &str, folder: &Path) -> Drafts {
    let own_pages = own_pages(base_path).unwrap_or_default();
    let Ids {
        good,
        all_good: complete,
    } = reader.ids(&SECTION);
    if good.is_empty() && complete {
        let hosts = LOCAL_HOSTS.map(|host| Value::String(host.to_owned()));
        let app = Table::from_iter([(HOSTS.name.to_owned(), Value::Array(hosts.to_vec()))]);
        reader.insert(&SECTION, LOCAL_APP, app);
        let generated = Some(folder.join(LOCAL_KEY));
        let app = read_one(reader, LOCAL_APP, &own_pages, generated);
        return Drafts {
            apps: app.into_iter().collect(),
            complete,
        };
    }
    let apps = good
        .iter()
        .filter_map(|id| read_one(reader, id, &own_pages, None))
        .collect();
    Drafts { apps, complete }
}

/// Reads one app. The reader has refused what is no id.
fn read_one(
    reader: &mut Reader,
    id: &str,
    own_pages: &[PathPattern],
    generated: Option<PathBuf>,
) -> Option<Draft> {
    let id: AppId = id.parse().ok()?;
    let mut fields = reader.section_by_id(&SECTION, id.as_str());
    let hosts = hosts(&mut fields);
    let public_url = public_url(&mut fields, &hosts);
    let keys = match generated {
        Some(path) => Ok(AppKeys::Generated(path)),
        None => keys::read(&mut fields).map(AppKeys::Given),
    };
    let binding = fields.value(&BINDING, fields::binding);
    let users = fields.optional(&USERS, fields::pool);
    let default_access = fields.value(&DEFAULT_ACCESS, fields::access);
    let login_page = fields.optional(&LOGIN_PAGE, |text| fields::login_page(text, own_pages));
    let upstream = fields.optional(&UPSTREAM, fields::upstream);
    let rules = fields.tables(&RULES, &RULE_SECTION, rules::read);
    let own_pool = || id.as_str().parse().ok();
    let users = users.and_then(|pool| pool.or_else(own_pool).ok_or_else(|| fields.missing(&USERS)));
    let policy = default_access.and_then(|access| {
        let page = login_page.as_ref().ok().and_then(Option::as_ref);
        let page = page.and_then(|page| PathPattern::parse(page).ok());
        let exempt = page.into_iter().collect();
        Ok(Policy::new(rules?.unwrap_or_default(), access, exempt))
    });
    Some(Draft {
        id,
        hosts,
        users,
        keys,
        public_url,
        binding,
        policy,
        login_page,
        upstream,
    })
}

impl Draft {
    /// The app, where nothing is wrong with it.
    pub(super) fn finish(self) -> Read<(AppId, AppConfig)> {
        let hosts = self.hosts.into_iter().collect::<Read<Vec<_>>>()?;
        let own = || hosts.iter().find_map(HostEntry::own_origin);
        let public_url = self
            .public_url?
            .or_else(own)
            .ok_or(super::errors::Reported)?;
        let config = AppConfig {
            public_url,
            hosts,
            keys: self.keys?,
            binding: self.binding?,
            users: self.users?,
            policy: self.policy?,
            login_page: self.login_page?,
            upstream: self.upstream?,
        };
        Ok((self.id, config))
    }
}

/// The hosts, each with its index. There is at least one entry, if only an error.
fn hosts(fields: &mut Fields<'_>) -> Vec<Read<HostEntry>> {
    match fields.entries(&HOSTS, fields::host) {
        Ok(Some(hosts)) if !hosts.is_empty() => hosts,
        Ok(_) => vec![Err(fields.missing(&HOSTS))],
        Err(reported) => vec![Err(reported)],
    }
}

fn public_url(fields: &mut Fields<'_>, hosts: &[Read<HostEntry>]) -> Read<Option<Origin>> {
    let remedy = format!("write {}", PUBLIC_URL.form);
    let all_good = hosts.iter().all(Result::is_ok);
    let mut good = hosts.iter().flatten();
    match fields.optional(&PUBLIC_URL, fields::origin)? {
        None if all_good && good.all(HostEntry::is_wildcard) => {
            let problem = "is missing, and no host without * can stand in for it";
            Err(fields.wrong(&PUBLIC_URL, Wrong::new(problem, remedy)))
        }
        None => Ok(None),
        Some(origin) if !all_good || good.any(|host| is_at(&origin, host)) => Ok(Some(origin)),
        Some(origin) => {
            let problem = "is at none of the hosts of this app, or has another scheme";
            Err(fields.wrong(
                &PUBLIC_URL,
                Wrong::value(&origin.to_string(), problem, remedy),
            ))
        }
    }
}

fn is_at(origin: &Origin, host: &HostEntry) -> bool {
    let authority = Authority::parse(&origin.host());
    origin.scheme() == host.scheme() && authority.is_ok_and(|authority| host.matches(&authority))
}
