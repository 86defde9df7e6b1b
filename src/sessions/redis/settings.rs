//! How Redis is reached: one server, Sentinels or a cluster, with or without TLS.
//!
//! Nothing waits without an end, and nothing queues without one: a Redis that hangs is an error after a second.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use fred::clients::Client;
use fred::rustls::crypto::aws_lc_rs;
use fred::rustls::pki_types::CertificateDer;
use fred::rustls::pki_types::pem::PemObject as _;
use fred::rustls::{ClientConfig, RootCertStore};
use fred::types::config::{
    Config, ConnectionConfig, PerformanceConfig, ReconnectPolicy, TlsConfig, TlsHostMapping,
    UnresponsiveConfig,
};
use fred::types::{Builder, RespVersion};
use secrecy::{ExposeSecret, SecretString};

/// How to reach Redis.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `redis://…`, `redis-cluster://…` or `redis-sentinel://…`; with `rediss` by TLS. May hold passwords.
    pub url: SecretString,
    /// Certificates in PEM that servers are trusted by; without them the system's are used.
    pub authorities: Option<Vec<u8>>,
    /// A session that is not remembered ends after this long without a use: it need not be kept for longer.
    pub idle: Duration,
}

/// Why nothing can be connected with these settings. Shows nothing of the URL.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The URL is not one of Redis'.
    #[error("the URL can't be used: {0}")]
    Url(String),
    /// The certificates can't be used.
    #[error("the certificates can't be used: {0}")]
    Certificates(#[source] io::Error),
}

/// How long one command may take.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(1);
/// How long connecting may take, and each step of it.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// A connection on which an answer is owed for this long is replaced.
const UNRESPONSIVE: Duration = Duration::from_secs(2);
/// How many commands may wait for a connection.
const WAITING_COMMANDS: usize = 16_384;
/// Pauses between attempts to connect, in milliseconds: the first and the longest.
const PAUSES: (u32, u32) = (20, 500);
/// How many events of one kind wait to be heard. What comes on top makes the listener forget everything.
pub(super) const EVENTS: usize = 2048;
/// The same for a connection that nobody listens to.
const FEW_EVENTS: usize = 16;

/// Two clients: one that sessions are read by and that hears of changes, and one for everything else. Neither connects
/// yet.
pub(super) fn clients(settings: &Settings) -> Result<[Client; 2], SettingsError> {
    let url = |error: fred::error::Error| SettingsError::Url(error.details().to_owned());
    let mut config = Config::from_url(settings.url.expose_secret()).map_err(url)?;
    config.version = RespVersion::RESP3;
    // A Redis that is down at the start is waited for like one that goes down later.
    config.fail_fast = false;
    if config.tls.is_some() {
        config.tls = Some(tls(settings)?);
    }
    let client = |events| {
        let mut builder = Builder::from_config(config.clone());
        builder
            .with_connection_config(connection)
            .with_performance_config(|performance: &mut PerformanceConfig| {
                performance.default_command_timeout = COMMAND_TIMEOUT;
                performance.broadcast_channel_capacity = events;
            })
            .set_policy(policy());
        builder.build().map_err(url)
    };
    Ok([client(EVENTS)?, client(FEW_EVENTS)?])
}

fn connection(connection: &mut ConnectionConfig) {
    connection.connection_timeout = CONNECT_TIMEOUT;
    connection.internal_command_timeout = CONNECT_TIMEOUT;
    connection.max_command_buffer_len = WAITING_COMMANDS;
    connection.tcp.nodelay = Some(true);
    connection.unresponsive = UnresponsiveConfig {
        max_timeout: Some(UNRESPONSIVE),
        interval: UNRESPONSIVE / 4,
    };
}

fn policy() -> ReconnectPolicy {
    let (first, longest) = PAUSES;
    let mut policy = ReconnectPolicy::new_exponential(0, first, longest, 2);
    policy.set_jitter(first);
    policy
}

fn tls(settings: &Settings) -> Result<TlsConfig, SettingsError> {
    let unusable = |reason: String| SettingsError::Certificates(io::Error::other(reason));
    let mut roots = RootCertStore::empty();
    match &settings.authorities {
        Some(pem) => {
            for certificate in CertificateDer::pem_slice_iter(pem) {
                let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
                let added = roots.add(certificate);
                added.map_err(|error| unusable(error.to_string()))?;
            }
        }
        None => {
            roots.add_parsable_certificates(fred::rustls_native_certs::load_native_certs().certs);
        }
    }
    if roots.is_empty() {
        return Err(unusable("there are none".to_owned()));
    }
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConfig {
        connector: config.into(),
        // A cluster names its servers by address, which certificates seldom do.
        hostnames: TlsHostMapping::DefaultHost,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built(url: &str, authorities: Option<&[u8]>) -> Result<(), String> {
        let settings = Settings {
            url: url.into(),
            authorities: authorities.map(<[u8]>::to_vec),
            idle: Duration::from_secs(60),
        };
        let clients = clients(&settings);
        clients.map(drop).map_err(|error| error.to_string())
    }

    #[test]
    fn every_way_to_redis_can_be_built() {
        for url in [
            "redis://127.0.0.1",
            "redis://:secret@127.0.0.1:6380/3",
            "redis://user:secret@127.0.0.1:6380",
            "redis-cluster://user:secret@127.0.0.1:7000?node=127.0.0.1:7001",
            "redis-sentinel://:secret@127.0.0.1:26379/1?sentinelServiceName=main&sentinelPassword=other",
        ] {
            assert_eq!(built(url, None), Ok(()), "{url}");
        }
    }

    #[test]
    fn certificates_that_are_none_are_refused() {
        for pem in [
            "",
            "no certificate",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ] {
            let built = built("rediss://127.0.0.1", Some(pem.as_bytes()));
            let error = built.expect_err("no certificate");
            assert!(
                error.starts_with("the certificates can't be used"),
                "{error}"
            );
        }
    }
}
