//! `[server]`: the two listeners and the proxies in front of them.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU8;

use ipnet::IpNet;

use crate::config::declaration::{Fallback, Field, Section, Shape};
use crate::config::errors::{Read, Wrong};
use crate::config::fields::Fields;
use crate::domain::client_address::TrustedProxies;

/// Listeners and the proxies in front of them.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// Where the pages are served. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where verify and operations are served. Port 0 takes a free one.
    pub internal_listen: SocketAddr,
    /// What stands before `/login` and the other pages: empty, or with a `/` in front and none behind.
    pub base_path: String,
    /// The peers whose forwarded headers count, and how many of them stand in front.
    pub trusted_proxies: TrustedProxies,
}

const LISTEN: Field = Field {
    name: "listen",
    shape: Shape::Text,
    form: "an IP address and a port, such as 127.0.0.1:8080 or [::1]:8080",
    fallback: Fallback::Value("127.0.0.1:8080"),
    about: "Where the pages are served: sign-in, registration, account. Port 0 takes a free port.",
};
const INTERNAL_LISTEN: Field = Field {
    name: "internal_listen",
    shape: Shape::Text,
    form: "an IP address and a port, such as 127.0.0.1:8081 or [::1]:8081",
    fallback: Fallback::Value("127.0.0.1:8081"),
    about: "Where the proxy asks (`/verify/…`) and where health is answered. The public must never reach it.",
};
const BASE_PATH: Field = Field {
    name: "base_path",
    shape: Shape::Text,
    form: "nothing, or a path such as /auth that begins with / and does not end with it, of letters, digits and the signs _-.~",
    fallback: Fallback::Value(""),
    about: "What stands before `/login`, `/logout`, `/register` and `/account`.",
};
const TRUSTED_PROXIES: Field = Field {
    name: "trusted_proxies",
    shape: Shape::List,
    form: "IP addresses or networks, such as 10.0.0.5 or 10.0.0.0/24",
    fallback: Fallback::Value("127.0.0.0/8, ::1/128"),
    about: "The proxies in front of Doorward. Forwarded headers from anybody else are not believed. A listener beyond \
            loopback needs at least one address here that is not loopback.",
};
const HOPS: Field = Field {
    name: "hops",
    shape: Shape::Number,
    form: "a whole number of proxies from 1 to 16",
    fallback: Fallback::Stated(
        "unset; the client is the last address there that is no trusted proxy",
    ),
    about: "Set it where the addresses of the proxies are not known: the client is then taken that many places from \
            the end of `X-Forwarded-For`. It decides nothing else.",
};

pub(super) const SECTION: Section = Section {
    name: "server",
    by_id: false,
    about: "Doorward has two listeners, so that the public never talks to what is internal.",
    fields: &[LISTEN, INTERNAL_LISTEN, BASE_PATH, TRUSTED_PROXIES, HOPS],
};

impl ServerConfig {
    pub(super) fn read(mut fields: Fields<'_>) -> Read<Self> {
        let listen = fields.value(&LISTEN, |text| address(&LISTEN, text));
        let internal_listen =
            fields.value(&INTERNAL_LISTEN, |text| address(&INTERNAL_LISTEN, text));
        let base_path = fields.value(&BASE_PATH, base_path);
        let trusted_proxies = fields.list(&TRUSTED_PROXIES, network);
        let hops = fields
            .number(&HOPS, 1..=16)
            .map(|hops| hops.and_then(nonzero));
        if let (Ok(listen), Ok(internal_listen)) = (listen, internal_listen)
            && listen == internal_listen
            && listen.port() != 0
        {
            let wrong = Wrong::new(
                "is the same as listen",
                "give each listener a port of its own",
            );
            fields.wrong(&INTERNAL_LISTEN, wrong);
        }
        if let Ok(Some(trusted)) = &trusted_proxies
            && trusted.iter().all(|net| is_loopback(net.network()))
        {
            refuse_open(&mut fields, &LISTEN, listen);
            refuse_open(&mut fields, &INTERNAL_LISTEN, internal_listen);
        }
        Ok(Self {
            listen: listen?,
            internal_listen: internal_listen?,
            base_path: base_path?,
            trusted_proxies: TrustedProxies::new(trusted_proxies?.unwrap_or_default(), hops?),
        })
    }
}

/// Refuses a listener that others can reach although no proxy out there is trusted: it would believe nobody's headers.
fn refuse_open(fields: &mut Fields<'_>, field: &Field, address: Read<SocketAddr>) {
    let Ok(address) = address else { return };
    if !is_loopback(address.ip()) {
        let problem =
            format!("{address} is open beyond this machine, but no proxy there is trusted");
        let remedy =
            "add the address of your proxy to server.trusted_proxies, or listen on 127.0.0.1";
        fields.wrong(field, Wrong::new(problem, remedy));
    }
}

fn nonzero(hops: u32) -> Option<NonZeroU8> {
    u8::try_from(hops).ok().and_then(NonZeroU8::new)
}

fn address(field: &Field, text: &str) -> Result<SocketAddr, Wrong> {
    let parsed = text.parse();
    parsed.map_err(|_| field.refuse(text, "is not an IP address and a port"))
}

fn base_path(text: &str) -> Result<String, Wrong> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-.~".contains(c);
    let segment =
        |part: &str| !part.is_empty() && part != "." && part != ".." && part.chars().all(plain);
    let rest = text.strip_prefix('/');
    if text.is_empty() || rest.is_some_and(|rest| rest.split('/').all(segment)) {
        return Ok(text.to_owned());
    }
    Err(BASE_PATH.refuse(text, "is not a plain path"))
}

/// A network; a single address is a network of one.
fn network(text: &str) -> Result<IpNet, Wrong> {
    let parsed = text
        .parse::<IpNet>()
        .or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    let net =
        parsed.map_err(|_| TRUSTED_PROXIES.refuse(text, "is neither an address nor a network"))?;
    let (length, shortest) = match net {
        // A mapped network is one of IPv4 in disguise.
        IpNet::V6(net) if net.network().to_ipv4_mapped().is_some() => (net.prefix_len(), 96 + 8),
        IpNet::V6(net) => (net.prefix_len(), 7),
        IpNet::V4(net) => (net.prefix_len(), 8),
    };
    if length < shortest {
        let problem =
            "trusts so much of the internet that anybody could forge the headers of a proxy";
        return Err(Wrong::value(
            text,
            problem,
            "name the addresses of your proxies",
        ));
    }
    Ok(net)
}

fn is_loopback(ip: IpAddr) -> bool {
    ip.to_canonical().is_loopback()
}
