//! Sends requests as a stranger: no account, no cookie kept, no redirect followed, no proxy of the environment.
//!
//! Bounded in number, time and size. Must not send anything that changes what an app keeps.

use std::collections::HashMap;
use std::error::Error;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Certificate, header, redirect};

use super::address::HostPort;
use super::ask::{Answer, Ask};
use crate::domain::host::{Origin, Scheme};

/// How long one request may take, its answer included.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long all of them may take.
const MOST_TIME: Duration = Duration::from_secs(60);
/// How many requests are sent at most.
const MOST_REQUESTS: usize = 160;
/// How much of a body is read, in bytes.
const MOST_BODY: usize = 64 * 1024;

/// A host to ask, and how it is found.
#[derive(Debug, Clone)]
pub(super) struct Place {
    origin: Origin,
    /// What stands before the path in the URL that is connected to.
    prefix: String,
    addresses: Vec<SocketAddr>,
}

impl Place {
    /// As visitors name it.
    pub(super) const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Where it was found.
    pub(super) fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[error("{asked}: {problem}")]
pub(super) struct Unanswered {
    asked: String,
    /// What happened, and what would be right.
    pub(super) problem: String,
}

/// Asks.
#[derive(Debug)]
pub(super) struct Client {
    http: reqwest::Client,
    names: Names,
    began: Instant,
    sent: AtomicUsize,
    strays: Mutex<Vec<Answer>>,
}

impl Client {
    /// A client that trusts these authorities alone, or those of the system.
    pub(super) fn new(authorities: Option<Vec<Certificate>>) -> Result<Self, reqwest::Error> {
        let names = Names::default();
        let builder = reqwest::Client::builder()
            .user_agent(concat!("doorward-doctor/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .http1_only()
            .timeout(PATIENCE)
            .dns_resolver(names.clone());
        let builder = match authorities {
            Some(authorities) => builder.tls_certs_only(authorities),
            None => builder,
        };
        Ok(Self {
            http: builder.build()?,
            names,
            began: Instant::now(),
            sent: AtomicUsize::new(0),
            strays: Mutex::default(),
        })
    }

    /// Finds a host, there where `connect_to` says.
    pub(super) async fn place(
        &self,
        origin: &Origin,
        connect_to: Option<&HostPort>,
    ) -> Result<Place, Unanswered> {
        let (host, port) = match connect_to {
            Some(to) => (to.host.clone(), to.port),
            None => (
                origin.name().as_str().trim_matches(['[', ']']).to_owned(),
                origin.port().unwrap_or(origin.scheme().default_port()),
            ),
        };
        let unanswered = |problem: String| Unanswered {
            asked: origin.to_string(),
            problem,
        };
        let addresses = look_up(&host, port).await.map_err(unanswered)?;
        let name = origin.name().as_str();
        let is_ip = origin.name().ip().is_some();
        let prefix = match origin.scheme() {
            Scheme::Https if is_ip && connect_to.is_some() => {
                let problem = "an https address without a name can't be asked elsewhere: leave \
                               --connect-to out";
                return Err(unanswered(problem.to_owned()));
            }
            Scheme::Https if is_ip => origin.to_string(),
            // The name is in the certificate; the port comes with the addresses.
            Scheme::Https => {
                self.names.set(name, &addresses);
                format!("https://{name}")
            }
            // An address or a port in the URL would win over ours; `Host` says what is meant.
            Scheme::Http => {
                let number = self.names.count();
                let stand_in = format!("place-{number}.doorward-doctor.invalid");
                self.names.set(&stand_in, &addresses);
                format!("http://{stand_in}")
            }
        };
        Ok(Place {
            origin: origin.clone(),
            prefix,
            addresses,
        })
    }

    /// Sends a request and reads the answer.
    pub(super) async fn send(&self, ask: &Ask) -> Result<Answer, Unanswered> {
        let unanswered = |problem: String| Unanswered {
            asked: ask.shown(),
            problem,
        };
        if self.sent.fetch_add(1, Ordering::Relaxed) >= MOST_REQUESTS {
            return Err(unanswered(format!(
                "not sent, {MOST_REQUESTS} requests are enough"
            )));
        }
        if self.began.elapsed() > MOST_TIME {
            let problem = format!(
                "not sent, because the others took {} seconds",
                MOST_TIME.as_secs()
            );
            return Err(unanswered(problem));
        }
        let url = format!("{}{}", ask.place.prefix, ask.path);
        let host = ask.place.origin.host();
        let mut request = self
            .http
            .request(ask.method.clone(), url)
            .header(header::HOST, ask.host.unwrap_or(&host));
        for (name, value) in &ask.headers {
            request = request.header(*name, value);
        }
        let mut response = request
            .send()
            .await
            .map_err(|error| unanswered(explain(&error, &ask.place)))?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        if status == 429 {
            let problem = "429: the site limits requests; try again later, or from an address that it does not limit";
            return Err(unanswered(problem.to_owned()));
        }
        let mut body = Vec::new();
        // After 101 there is no end to it. A body that breaks off is looked at as far as it came.
        while status != 101
            && body.len() < MOST_BODY
            && let Ok(Some(chunk)) = response.chunk().await
        {
            body.extend_from_slice(&chunk);
        }
        body.truncate(MOST_BODY);
        let answer = Answer {
            asked: ask.shown(),
            status,
            headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        };
        if answer.headers.contains_key(super::X_USER_ID)
            && let Ok(mut strays) = self.strays.lock()
        {
            strays.push(answer.clone());
        }
        Ok(answer)
    }

    /// The answers so far that carried an `X-UserId`.
    pub(super) fn strays(&self) -> Vec<Answer> {
        self.strays
            .lock()
            .map(|strays| strays.clone())
            .unwrap_or_default()
    }
}

async fn look_up(host: &str, port: u16) -> Result<Vec<SocketAddr>, String> {
    if let Ok(ip) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(ip, port)]);
    }
    // Names below localhost are this machine's (RFC 6761), though many resolvers know none of them.
    if host.to_ascii_lowercase().ends_with(".localhost") {
        let own = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
        return Ok(own.map(|ip| SocketAddr::new(ip, port)).into());
    }
    let found = tokio::time::timeout(PATIENCE, tokio::net::lookup_host((host, port))).await;
    let addresses: Vec<_> = found
        .ok()
        .and_then(Result::ok)
        .into_iter()
        .flatten()
        .collect();
    if addresses.is_empty() {
        return Err(format!(
            "{host} has no address; check the name, or say where the proxy is with --connect-to HOST:PORT"
        ));
    }
    Ok(addresses)
}

/// What happened, and what would be right.
fn explain(error: &reqwest::Error, place: &Place) -> String {
    let mut causes = Vec::new();
    let mut cause: Option<&dyn Error> = error.source();
    while let Some(error) = cause {
        causes.push(error.to_string());
        cause = error.source();
    }
    let at: Vec<_> = place.addresses.iter().map(ToString::to_string).collect();
    let at = at.join(" and ");
    let last = causes.last().map_or("no answer", String::as_str);
    if error.is_timeout() {
        let seconds = PATIENCE.as_secs();
        format!(
            "{at} did not answer within {seconds} seconds; is it the proxy, and does a firewall let you through?"
        )
    } else if causes.iter().any(|cause| cause.contains("certificate")) {
        format!(
            "the certificate of {at} is refused ({last}); name your own authority with --ca FILE"
        )
    } else if error.is_connect() && causes.iter().any(|cause| cause.contains("refused")) {
        format!(
            "nobody listens at {at}; start the proxy, or say where it is with --connect-to HOST:PORT"
        )
    } else if error.is_connect() {
        format!("{at} can't be connected to ({last}); is http or https right?")
    } else {
        format!("{at} gave no answer ({last})")
    }
}

/// The addresses of the names that are asked; no others are looked up.
#[derive(Debug, Clone, Default)]
struct Names(Arc<Mutex<HashMap<String, Vec<SocketAddr>>>>);

impl Names {
    fn set(&self, name: &str, addresses: &[SocketAddr]) {
        if let Ok(mut names) = self.0.lock() {
            names.insert(name.to_owned(), addresses.to_vec());
        }
    }

    fn count(&self) -> usize {
        self.0.lock().map(|names| names.len()).unwrap_or_default()
    }
}

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let names = self.0.lock();
        let found = names
            .ok()
            .and_then(|names| names.get(name.as_str()).cloned());
        Box::pin(async move {
            let found = found.ok_or_else(|| io::Error::other("not a name to ask"))?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
