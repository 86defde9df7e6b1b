//! `[pools.<id>]`: what apps with the same users share beyond them.

use crate::config::declaration::{Fallback, Field, Section, Shape};
use crate::config::errors::{Read, Wrong};
use crate::config::reader::Reader;
use crate::domain::app::SharedLogin;
use crate::domain::host::{CookieDomain, HostEntry, Origin};
use crate::domain::ids::{PoolId, ProviderId};

/// A pool of users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolConfig {
    /// One sign-in for all apps of the pool, where they share their cookie.
    pub shared: Option<SharedLogin>,
    /// The providers that it offers, in this order; all without a list.
    pub providers: Option<Vec<ProviderId>>,
}

/// What could be read of a pool.
pub(super) struct Draft {
    pub(super) id: PoolId,
    pub(super) shared: Read<Option<SharedLogin>>,
    pub(super) providers: Vec<Read<ProviderId>>,
    names_providers: bool,
}

pub(super) const COOKIE_DOMAIN: Field = Field {
    name: "cookie_domain",
    shape: Shape::Text,
    form: "a domain of yours that all hosts of the pool lie under, such as example.com",
    fallback: Fallback::Stated("none; each app has sessions of its own"),
    about: "One sign-in for all apps of the pool: browsers send the session to every host under this domain. It can \
            not be a public suffix such as `co.uk`. Needs `login_host`.",
};
pub(super) const LOGIN_HOST: Field = Field {
    name: "login_host",
    shape: Shape::Text,
    form: "a host of its own under cookie_domain, such as login.example.com",
    fallback: Fallback::Stated("none; the pages live on each app's host"),
    about: "The host of the sign-in pages, as `[http://|https://]host[:port]`. Needs `cookie_domain`.",
};
const PROVIDERS: Field = Field {
    name: "providers",
    shape: Shape::List,
    form: "ids of sections [providers.<id>], such as google",
    fallback: Fallback::Stated("all of them"),
    about: "The providers at which the users of this pool may sign in, in the order of the buttons. An empty list is none.",
};

pub(super) const SECTION: Section = Section {
    name: "pools",
    by_id: true,
    about: "A pool is the users of the apps that name it with `users`. It needs a section where its apps are \
            siblings under one domain and share their sign-in, or where it does not offer every provider. The pages of a \
            shared sign-in are at `login_host` alone: what is at \
            `/login` or `/account` on an app's own host is the app's, and its rules hold there.",
    fields: &[COOKIE_DOMAIN, LOGIN_HOST, PROVIDERS],
};

impl Draft {
    /// The pool, where nothing is wrong with it.
    pub(super) fn finish(self) -> Read<(PoolId, PoolConfig)> {
        Ok((
            self.id,
            PoolConfig {
                shared: self.shared?,
                providers: self
                    .names_providers
                    .then(|| self.providers.into_iter().collect())
                    .transpose()?,
            },
        ))
    }
}

/// Reads all pools.
pub(super) fn read(reader: &mut Reader) -> Vec<Draft> {
    let ids = reader.ids(&SECTION);
    ids.good
        .iter()
        .filter_map(|id| read_one(reader, id))
        .collect()
}

/// Reads one pool. The reader has refused what is no id.
fn read_one(reader: &mut Reader, id: &str) -> Option<Draft> {
    let id: PoolId = id.parse().ok()?;
    let mut fields = reader.section_by_id(&SECTION, id.as_str());
    let cookie_domain = fields.optional(&COOKIE_DOMAIN, |text| {
        CookieDomain::parse(text).map_err(|error| COOKIE_DOMAIN.refuse(text, &error.to_string()))
    });
    let login_host = fields.optional(&LOGIN_HOST, login_host);
    let shared = match (cookie_domain, login_host) {
        (Ok(Some(cookie_domain)), Ok(Some((login_host, login_origin)))) => {
            if cookie_domain.covers(login_host.name()) {
                Ok(Some(SharedLogin {
                    cookie_domain,
                    login_host,
                    login_origin,
                }))
            } else {
                let problem = format!("is not under cookie_domain {cookie_domain}");
                let wrong = LOGIN_HOST.refuse(&login_host.to_string(), &problem);
                Err(fields.wrong(&LOGIN_HOST, wrong))
            }
        }
        (Ok(None), Ok(None)) => Ok(None),
        (Ok(Some(_)), Ok(None)) => Err(fields.missing(&LOGIN_HOST)),
        (Ok(None), Ok(Some(_))) => Err(fields.missing(&COOKIE_DOMAIN)),
        (Err(reported), _) | (_, Err(reported)) => Err(reported),
    };
    let providers = fields.entries(&PROVIDERS, provider);
    Some(Draft {
        id,
        shared,
        names_providers: !matches!(providers, Ok(None)),
        providers: match providers {
            Ok(named) => named.unwrap_or_default(),
            Err(reported) => vec![Err(reported)],
        },
    })
}

fn provider(text: &str) -> Result<ProviderId, Wrong> {
    text.parse()
        .map_err(|_| PROVIDERS.refuse(text, "is not the id of a provider"))
}

fn login_host(text: &str) -> Result<(HostEntry, Origin), Wrong> {
    let entry = HostEntry::parse(text);
    let entry = entry.map_err(|error| LOGIN_HOST.refuse(text, &error.to_string()))?;
    match entry.own_origin() {
        Some(origin) => Ok((entry, origin)),
        None => Err(LOGIN_HOST.refuse(text, "is more than one host")),
    }
}
