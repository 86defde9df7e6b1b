//! The keys of `[sessions]` that say how Redis is reached.
//!
//! Shows nothing of the URL, which may hold a password in any place when it is malformed.

use std::fmt;
use std::fs;
use std::net::Ipv6Addr;

use fred::rustls::RootCertStore;
use fred::rustls::pki_types::CertificateDer;
use fred::rustls::pki_types::pem::PemObject as _;
use secrecy::{ExposeSecret, SecretString};

use crate::config::declaration::{Fallback, Field, Shape};
use crate::config::errors::{Read, Wrong, shown};
use crate::config::fields::Fields;

/// How Redis is reached.
#[derive(Clone)]
pub struct RedisConfig {
    url: SecretString,
    /// The certificates that servers are trusted by, in PEM; the system's without them.
    pub authorities: Option<Vec<u8>>,
}

impl RedisConfig {
    /// The whole URL, with the passwords.
    #[must_use]
    pub fn url(&self) -> &SecretString {
        &self.url
    }
}

impl fmt::Debug for RedisConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RedisConfig([redacted])")
    }
}

impl PartialEq for RedisConfig {
    fn eq(&self, other: &Self) -> bool {
        self.url.expose_secret() == other.url.expose_secret()
            && self.authorities == other.authorities
    }
}

impl Eq for RedisConfig {}

pub(super) const STORE: Field = Field {
    name: "store",
    shape: Shape::Text,
    form: "\"database\" or \"redis\"",
    fallback: Fallback::Value("database"),
    about: "Where sessions are kept. With `redis` a session that a node does not know costs one question to Redis and none \
            to the database, which still lists the sessions of each user. See [Redis](redis.md).",
};
pub(super) const REDIS_URL: Field = Field {
    name: "redis_url",
    shape: Shape::Secret,
    form: "redis://user:password@host:6379/0, redis-cluster://host:7000?node=host:7001, or \
           redis-sentinel://host:26379/0?sentinelServiceName=name&node=host:26380; with rediss by TLS",
    fallback: Fallback::Stated("needed with `store = \"redis\"`"),
    about: "Which Redis, version 6.2 or newer. The number is that of the database; a cluster has none. User and password may \
            be left out; Sentinels take theirs as `sentinelUsername` and `sentinelPassword`.",
};
pub(super) const REDIS_CA: Field = Field {
    name: "redis_ca",
    shape: Shape::Text,
    form: "the path of a file with certificates in PEM",
    fallback: Fallback::Stated("the certificate authorities of the system"),
    about: "By which certificate authorities a Redis is trusted that is reached by TLS.",
};

const CREDENTIALS_REMEDY: &str =
    "percent-encode : / @ # ? in user name and password (@ is %40, / is %2F)";

/// What `store` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Store {
    Database,
    Redis,
}

/// Reads the three keys; nothing when the database keeps the sessions.
pub(super) fn read(fields: &mut Fields<'_>) -> Read<Option<RedisConfig>> {
    let store = fields.value(&STORE, |text| match text {
        "database" => Ok(Store::Database),
        "redis" => Ok(Store::Redis),
        _ => Err(STORE.refuse(text, "is no store")),
    });
    let url = fields.secret(&REDIS_URL, url);
    let authorities = fields.optional(&REDIS_CA, authorities);
    let (store, url, authorities) = (store?, url?, authorities?);
    match (store, url) {
        (Store::Redis, None) => Err(fields.missing(&REDIS_URL)),
        (Store::Redis, Some(url)) => {
            if authorities.is_some() && !url.expose_secret().starts_with("rediss") {
                let remedy = "write rediss in redis_url, or drop it";
                let wrong = Wrong::new("is for TLS, which redis_url does not ask for", remedy);
                return Err(fields.wrong(&REDIS_CA, wrong));
            }
            Ok(Some(RedisConfig { url, authorities }))
        }
        (Store::Database, None) if authorities.is_none() => Ok(None),
        (Store::Database, url) => {
            let field = if url.is_some() { &REDIS_URL } else { &REDIS_CA };
            let remedy = "write store = \"redis\", or drop it";
            let wrong = Wrong::new("is given, but sessions are kept in the database", remedy);
            Err(fields.wrong(field, wrong))
        }
    }
}

fn authorities(path: &str) -> Result<Vec<u8>, Wrong> {
    let pem = fs::read(path).map_err(|error| {
        let problem = format!(
            "names the file {}, which can not be read ({error})",
            shown(path)
        );
        Wrong::new(problem, "name a file that Doorward may read")
    })?;
    let remedy = "name a file with certificates, each from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----";
    let mut trusted = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let is_good = certificate.is_ok_and(|certificate| trusted.add(certificate).is_ok());
        if !is_good {
            return Err(Wrong::value(
                path,
                "holds a certificate that can't be read",
                remedy,
            ));
        }
    }
    if trusted.is_empty() {
        return Err(Wrong::value(path, "holds no certificate in PEM", remedy));
    }
    Ok(pem)
}

/// How the servers are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Servers {
    One,
    Cluster,
    Sentinel,
}

fn url(text: &str) -> Result<SecretString, Wrong> {
    let refuse = |problem: &str| Wrong::new(problem, format!("write {}", REDIS_URL.form));
    let (scheme, rest) = text
        .split_once("://")
        .ok_or_else(|| refuse("is no URL of Redis"))?;
    let shape = match scheme {
        "redis" | "rediss" => Servers::One,
        "redis-cluster" | "rediss-cluster" => Servers::Cluster,
        "redis-sentinel" | "rediss-sentinel" => Servers::Sentinel,
        _ => return Err(refuse("is no URL of Redis")),
    };
    if !rest.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(refuse("is not a URL"));
    }
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = authority.rsplit('@').next().unwrap_or_default();
    if authority.matches('@').count() > 1 || text.contains('#') || !is_host(host, false) {
        return Err(Wrong::new(
            "has no readable host and port",
            CREDENTIALS_REMEDY,
        ));
    }
    if host.starts_with('[') && scheme.starts_with("rediss") {
        let problem = "names an address of IPv6, by which no certificate can be checked";
        return Err(Wrong::new(problem, "write a name that stands for it"));
    }
    if shape == Servers::Cluster && !path.is_empty() {
        let remedy = "drop the number, and give Doorward a cluster of its own";
        return Err(Wrong::new(
            "names a database, which clusters do not have",
            remedy,
        ));
    }
    if !path.is_empty() && path.parse::<u8>().is_err() {
        let remedy = "write the number of a database from 0 to 255 behind the host";
        return Err(Wrong::new("names no database of Redis", remedy));
    }
    parameters(shape, query)?;
    Ok(SecretString::from(text))
}

fn parameters(shape: Servers, query: &str) -> Result<(), Wrong> {
    let known: &[&str] = match shape {
        Servers::One => &[],
        Servers::Cluster => &["node"],
        Servers::Sentinel => &[
            "node",
            "sentinelServiceName",
            "sentinelUsername",
            "sentinelPassword",
        ],
    };
    let mut service = false;
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if !known.contains(&name.as_ref()) {
            let remedy = if known.is_empty() {
                "drop everything from the question mark on".to_owned()
            } else {
                format!("the parameters here are {}", known.join(", "))
            };
            return Err(Wrong::new(
                "has a parameter that means nothing here",
                remedy,
            ));
        }
        if name == "node" && !is_host(&value, true) {
            let remedy = "write node=host:port for each further one";
            return Err(Wrong::new("names a node that is no host and port", remedy));
        }
        service |= name == "sentinelServiceName" && !value.is_empty();
    }
    if shape == Servers::Sentinel && !service {
        let remedy = "add sentinelServiceName= and the name that the Sentinels know the server by";
        return Err(Wrong::new(
            "does not say which server the Sentinels watch",
            remedy,
        ));
    }
    Ok(())
}

/// `host` or `host:port`; the first host may be an address in brackets.
fn is_host(text: &str, needs_port: bool) -> bool {
    if let Some((address, port)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        // Further nodes are named without brackets, where an address can't be told from its port.
        let is_default = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
        return !needs_port && address.parse::<Ipv6Addr>().is_ok() && is_default;
    }
    let (host, port) = match text.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (text, None),
    };
    let of_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    !host.is_empty() && host.chars().all(of_host) && port.map_or(!needs_port, is_port)
}

fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok_and(|port| port > 0)
}
