//! The URL that is asked about, taken apart without a change to what follows the host.
//!
//! Must not resolve, decode or repair anything: a library for URLs would, and then explain another request.

use std::ffi::OsStr;

use clap::builder::TypedValueParser;
use clap::error::ErrorKind;
use clap::{Arg, Command, Error};

use crate::cli::layout::harmless;
use crate::domain::host::Authority;

/// No proxy passes on a longer one.
const MAX_URL: usize = 48 * 1024;

/// An absolute URL, each part as it goes over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) scheme: String,
    /// Host and port; a name that is not ASCII is in the form that browsers send.
    pub(super) host: String,
    pub(super) authority: Authority,
    /// Path and query, byte for byte; `/` where there are none.
    pub(super) uri: String,
}

/// Reads it from the command line. An error repeats nothing that could steer the terminal.
#[derive(Debug, Clone)]
pub(super) struct AddressParser;

impl TypedValueParser for AddressParser {
    type Value = Address;

    fn parse_ref(
        &self,
        command: &Command,
        _: Option<&Arg>,
        value: &OsStr,
    ) -> Result<Address, Error> {
        let text = value.to_str().ok_or("is not text".to_owned());
        text.and_then(Address::parse).map_err(|problem| {
            let shown = harmless(&value.to_string_lossy());
            let message = format!("the URL '{shown}' {problem}\n");
            Error::raw(ErrorKind::ValueValidation, message).with_cmd(command)
        })
    }
}

impl Address {
    /// Reads a URL. The error completes "the URL …".
    fn parse(text: &str) -> Result<Self, String> {
        check_characters(text)?;
        let Some((scheme, rest)) = text.split_once("://") else {
            return Err(without_scheme(text));
        };
        if !["http", "https", "ws", "wss"].contains(&scheme.to_ascii_lowercase().as_str()) {
            return Err("must begin with http:// or https://".to_owned());
        }
        let end = rest.find(['/', '?', '\\']).unwrap_or(rest.len());
        let (host, uri) = rest.split_at(end);
        if host.is_empty() {
            return Err("names no host".to_owned());
        }
        let authority =
            Authority::parse(host).map_err(|error| format!("has a host that {error}"))?;
        let slash = match uri.chars().next() {
            Some('/') => "",
            Some('\\') => {
                return Err(
                    "has a backslash behind the host, which browsers send as /: write that"
                        .to_owned(),
                );
            }
            _ => "/",
        };
        Ok(Self {
            scheme: scheme.to_owned(),
            host: if host.is_ascii() {
                host.to_owned()
            } else {
                authority.to_string()
            },
            authority,
            uri: format!("{slash}{uri}"),
        })
    }
}

fn check_characters(text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Err("is empty: the shell may have found nothing in a variable".to_owned());
    }
    if text.len() > MAX_URL {
        return Err(format!("is longer than {MAX_URL} bytes"));
    }
    if text.starts_with(['\'', '"', '`', '‘', '“']) {
        return Err("has a quotation mark in it that the shell did not take away".to_owned());
    }
    if let Some(control) = text.chars().find(|c| c.is_control()) {
        let code = u32::from(control);
        return Err(format!(
            "holds a control character (U+{code:04X}), which no request can: %{code:02X} is how it is sent"
        ));
    }
    if text.contains(char::is_whitespace) {
        return Err("holds a space: browsers send it as %20".to_owned());
    }
    if text.contains('#') {
        return Err(
            "has a fragment, which browsers keep to themselves: leave out # and what follows, or write %23 for the sign"
                .to_owned(),
        );
    }
    Ok(())
}

fn without_scheme(text: &str) -> String {
    let example = "such as https://shop.example.com/admin";
    if let Some(rest) = text.strip_prefix("//") {
        format!("has no scheme: write https://{rest}")
    } else if text.starts_with(['/', '.', '?', '\\']) {
        format!("is relative: the host says which app it is, so write all of it, {example}")
    } else if text.starts_with("http:") || text.starts_with("https:") {
        "has no // behind the scheme: did the shell take something away?".to_owned()
    } else {
        format!("has no scheme: write https://{text}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threat_08_what_follows_the_host_is_kept_byte_for_byte() {
        for (url, host, uri) in [
            ("https://a.example", "a.example", "/"),
            ("https://a.example?x=1", "a.example", "/?x=1"),
            (
                r"https://A.Example:8443/b\..\c/%2e%2E/;d//?e=/\",
                "A.Example:8443",
                r"/b\..\c/%2e%2E/;d//?e=/\",
            ),
            ("HTTP://[::1]:80//x", "[::1]:80", "//x"),
            ("wss://a.example/ws", "a.example", "/ws"),
            ("https://bücher.example/ü", "xn--bcher-kva.example", "/ü"),
        ] {
            let address = Address::parse(url).unwrap();
            assert_eq!(
                (address.host.as_str(), address.uri.as_str()),
                (host, uri),
                "{url}"
            );
        }
    }

    #[test]
    fn what_is_no_url_is_told_apart() {
        for (url, said) in [
            ("", "is empty"),
            ("/admin", "is relative"),
            ("../admin", "is relative"),
            ("//a.example/x", "write https://a.example/x"),
            ("a.example/x", "write https://a.example/x"),
            ("localhost:3000/x", "write https://localhost:3000/x"),
            ("https:a.example", "has no // behind the scheme"),
            ("https:/a.example", "has no // behind the scheme"),
            ("ftp://a.example/", "must begin with http:// or https://"),
            ("https:///x", "names no host"),
            ("https://?x", "names no host"),
            ("https://ada@a.example/", "must not hold a user name"),
            ("https://a.example:x/", "has a port that"),
            ("https://a_b..example/", "is not a host name"),
            (r"https://a.example\x", "write that"),
            ("https://a.example/a b", "%20"),
            ("https://a.example/\u{a0}", "%20"),
            ("https://a.example/\u{1b}[2J", "U+001B"),
            ("https://a.example/x\r\nX-UserId: 1", "U+000D"),
            ("https://a.example/#top", "%23"),
            ("'https://a.example/'", "quotation mark"),
        ] {
            let error = Address::parse(url).expect_err(url);
            assert!(error.contains(said), "{url:?}: {error}");
        }
        let long = format!("https://a.example/{}", "a".repeat(MAX_URL));
        assert!(Address::parse(&long).is_err());
    }
}
