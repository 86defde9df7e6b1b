//! The addresses that the command is given: what is asked about, and where it is found.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use crate::domain::host::{Origin, Scheme};
use crate::domain::path::RequestPath;

/// The public address of an app, with a page of it that needs a session.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Address {
    pub(super) origin: Origin,
    pub(super) page: Option<String>,
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let scheme = text.find("://").ok_or_else(|| without_scheme(text))?;
        let rest = text.get(scheme + 3..).unwrap_or_default();
        let end = rest
            .find(['/', '?', '#'])
            .map_or(text.len(), |end| scheme + 3 + end);
        let (origin, rest) = text.split_at(end);
        let origin = Origin::parse(origin).map_err(|error| format!("its host {error}"))?;
        let path = rest.split(['?', '#']).next().unwrap_or_default();
        let page = match path {
            "" | "/" => None,
            path => Some(checked(path)?),
        };
        Ok(Self { origin, page })
    }
}

/// The address as it was meant, if it is one with its scheme.
fn without_scheme(text: &str) -> String {
    for scheme in [Scheme::Http, Scheme::Https] {
        let meant = format!("{scheme}://{text}");
        let Ok(address) = meant.parse::<Address>() else {
            continue;
        };
        if scheme == Scheme::Https || address.origin.name().is_loopback() {
            return format!("it has no scheme: write {meant}");
        }
    }
    "a URL such as https://shop.example.com is meant".to_owned()
}

/// The path of a page, perhaps with a query.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Page(pub(super) String);

impl FromStr for Page {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let path = text.split('?').next().unwrap_or_default();
        let plain = |c: char| c.is_ascii_graphic() && c != '#' && c != '\\';
        if !text.chars().all(plain) {
            return Err("the path of a page is meant, such as /doctor-probe".to_owned());
        }
        checked(path)?;
        Ok(Self(text.to_owned()))
    }
}

fn checked(path: &str) -> Result<String, String> {
    let path = RequestPath::parse(path).map_err(|error| error.to_string())?;
    Ok(path.as_str().to_owned())
}

/// Where to connect, whatever the name says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct HostPort {
    pub(super) host: String,
    pub(super) port: u16,
}

impl FromStr for HostPort {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const FORM: &str = "a host and a port such as 203.0.113.5:443 is meant";
        let (host, port) = text.rsplit_once(':').ok_or(FORM)?;
        let port = port.parse().ok().filter(|port| *port != 0).ok_or(FORM)?;
        let inner = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        let name = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let fits = match inner {
            Some(inner) => inner.parse::<IpAddr>().is_ok(),
            None => !host.is_empty() && host.chars().all(name),
        };
        if !fits {
            return Err(FORM.to_owned());
        }
        Ok(Self {
            host: inner.unwrap_or(host).to_owned(),
            port,
        })
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_an_origin_and_perhaps_a_page() {
        for (text, origin, page) in [
            ("https://shop.example.com", "https://shop.example.com", None),
            (
                "https://shop.example.com/",
                "https://shop.example.com",
                None,
            ),
            ("http://localhost:8000?a=/b", "http://localhost:8000", None),
            (
                "https://[::1]:8443/orders?a#b",
                "https://[::1]:8443",
                Some("/orders"),
            ),
        ] {
            let address: Address = text.parse().unwrap();
            assert_eq!(
                (address.origin.to_string().as_str(), address.page.as_deref()),
                (origin, page)
            );
        }
        for bad in [
            "",
            "shop.example.com",
            "ftp://a/",
            "https://",
            "https://a@b/",
            "https://a/b c",
        ] {
            assert!(bad.parse::<Address>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_address_without_a_scheme_is_told_which_was_meant() {
        for (text, says) in [
            ("localhost:8000/a", "write http://localhost:8000/a"),
            ("shop.localhost", "write http://shop.localhost"),
            ("127.0.0.1:8000", "write http://127.0.0.1:8000"),
            ("shop.example.com", "write https://shop.example.com"),
            ("", "such as https://shop.example.com"),
            ("/orders", "such as https://shop.example.com"),
            ("http:/localhost", "such as https://shop.example.com"),
        ] {
            let problem = text.parse::<Address>().unwrap_err();
            assert!(
                problem.ends_with(says) || problem.contains(&format!("{says} is")),
                "{text}: {problem}"
            );
        }
    }

    #[test]
    fn a_place_to_connect_to_is_a_host_and_a_port() {
        for good in ["203.0.113.5:443", "proxy:8443", "[::1]:443"] {
            assert_eq!(good.parse::<HostPort>().unwrap().to_string(), good);
        }
        for bad in [
            "",
            "proxy",
            ":443",
            "proxy:0",
            "::1:443",
            "a b:1",
            "[a]:1",
            "https://a:1",
        ] {
            assert!(bad.parse::<HostPort>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_page_is_a_path() {
        assert!("/doctor-probe?as=json".parse::<Page>().is_ok());
        for bad in ["", "doctor", "/a b", "/a#b", "/a%zz", "https://a/"] {
            assert!(bad.parse::<Page>().is_err(), "{bad}");
        }
    }
}
