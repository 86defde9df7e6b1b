//! Where the proxy finds Doorward and the apps.
//!
//! Whatever is read here is written into configurations, so nothing but host names, addresses and ports is let through.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use crate::domain::ids::AppId;

/// The form of an address, for messages.
const FORM: &str = "a host and a port such as 10.0.0.7:3000 or shop:3000 is meant";

/// A host and a port that the proxy connects to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// A name, an IPv4 address, or an IPv6 address in brackets.
    pub(super) host: String,
    pub(super) port: u16,
}

impl Address {
    /// A listener of Doorward, as a proxy on the same machine reaches it.
    pub(super) fn of_listener(listener: SocketAddr, host: Option<&DoorwardHost>) -> Self {
        let ip = match listener.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::from([127, 0, 0, 1]),
            IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::from([127, 0, 0, 1]),
            ip => ip,
        };
        let host = host.map_or_else(|| bracketed(ip), |host| host.0.clone());
        Self {
            host,
            port: listener.port(),
        }
    }

    /// Whether it has to be looked up.
    pub(super) fn is_name(&self) -> bool {
        self.host.parse::<IpAddr>().is_err() && !self.host.starts_with('[')
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // As `apps.<id>.upstream` has it.
        let text = text.strip_prefix("http://").unwrap_or(text);
        let text = text.strip_suffix('/').unwrap_or(text);
        let (host, port) = text.rsplit_once(':').ok_or(FORM)?;
        let port = port.parse().ok().filter(|port| *port != 0).ok_or(FORM)?;
        let DoorwardHost(host) = host.parse()?;
        Ok(Self { host, port })
    }
}

/// The host of a listener as the proxy names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DoorwardHost(String);

impl FromStr for DoorwardHost {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let inner = text
            .strip_prefix('[')
            .and_then(|text| text.strip_suffix(']'))
            .unwrap_or(text);
        if let Ok(ip) = inner.parse::<IpAddr>() {
            return Ok(Self(bracketed(ip)));
        }
        let fits = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let is_name =
            text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.chars().all(fits);
        if is_name {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err("a host name or an IP address is meant, such as doorward or 10.0.0.7".to_owned())
        }
    }
}

/// Where the proxy is to listen.
pub(super) fn listen(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        "an address and a port such as 127.0.0.1:8000 is meant; [::]:443 is every address"
            .to_owned()
    })
}

/// `--upstream`: for one app, or for the only one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Upstream {
    pub(super) app: Option<AppId>,
    pub(super) address: Address,
}

impl FromStr for Upstream {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (app, address) = match text.split_once('=') {
            Some((app, address)) => (Some(app), address),
            None => (None, text),
        };
        let app = app.map(|app| {
            app.parse()
                .map_err(|_| format!("{app:?} is not the id of an app"))
        });
        Ok(Self {
            app: app.transpose()?,
            address: address.parse()?,
        })
    }
}

fn bracketed(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_on_every_address_is_reached_on_loopback() {
        for (listener, host, address) in [
            ("127.0.0.1:8081", None, "127.0.0.1:8081"),
            ("0.0.0.0:8081", None, "127.0.0.1:8081"),
            ("[::]:8081", None, "127.0.0.1:8081"),
            ("[fd00::7]:8081", None, "[fd00::7]:8081"),
            ("0.0.0.0:8081", Some("doorward"), "doorward:8081"),
            ("0.0.0.0:8081", Some("fd00::7"), "[fd00::7]:8081"),
        ] {
            let host = host.map(|host: &str| host.parse().unwrap());
            let found = Address::of_listener(listener.parse().unwrap(), host.as_ref());
            assert_eq!(found.to_string(), address);
        }
    }

    #[test]
    fn an_upstream_is_for_one_app_or_for_the_only_one() {
        let shop: Upstream = "shop=10.0.0.7:3000".parse().unwrap();
        assert_eq!(shop.app.unwrap().as_str(), "shop");
        assert_eq!(shop.address.to_string(), "10.0.0.7:3000");
        let only: Upstream = "[::1]:3000".parse().unwrap();
        let url: Upstream = "shop=http://10.0.0.7:3000/".parse().unwrap();
        assert_eq!(url.address.to_string(), "10.0.0.7:3000");
        assert_eq!(
            (only.app, only.address.to_string()),
            (None, "[::1]:3000".to_owned())
        );
    }

    #[test]
    fn nothing_that_could_be_configuration_is_let_through() {
        for bad in [
            "",
            "shop",
            "shop:",
            "shop:0",
            "shop:70000",
            ":3000",
            "a b:1",
            "a;b:1",
            "a{b:1",
            "a\nb:1",
            "$a:1",
            "https://shop:3000",
            "http://shop:3000/x",
            "=shop:1",
            "../shop=a:1",
        ] {
            assert!(bad.parse::<Upstream>().is_err(), "{bad:?}");
        }
    }
}
