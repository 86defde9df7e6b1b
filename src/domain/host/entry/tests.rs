use proptest::prelude::*;

use super::*;
use crate::domain::host::tests::{authority, near_hosts};

pub(in crate::domain::host) fn entry(text: &str) -> HostEntry {
    HostEntry::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn the_scheme_of_an_entry_is_https_except_on_loopback() {
    let good = [
        ("shop.example.com", Scheme::Https, None, "shop.example.com"),
        (
            "https://Shop.example.com:8443",
            Scheme::Https,
            Some(8443),
            "shop.example.com:8443",
        ),
        (
            "http://shop.example.com",
            Scheme::Http,
            None,
            "http://shop.example.com",
        ),
        ("localhost:3000", Scheme::Http, Some(3000), "localhost:3000"),
        (
            "https://localhost",
            Scheme::Https,
            None,
            "https://localhost",
        ),
        ("127.0.0.1", Scheme::Http, None, "127.0.0.1"),
        ("[::1]:80", Scheme::Http, Some(80), "[::1]:80"),
        ("192.0.2.1", Scheme::Https, None, "192.0.2.1"),
        ("*.example.com", Scheme::Https, None, "*.example.com"),
        (
            "http://*.example.com:8080",
            Scheme::Http,
            Some(8080),
            "http://*.example.com:8080",
        ),
        ("*.shop.localhost", Scheme::Http, None, "*.shop.localhost"),
    ];
    for (text, scheme, port, shown) in good {
        let parsed = entry(text);
        assert_eq!((parsed.scheme(), parsed.port()), (scheme, port), "{text}");
        assert_eq!(parsed.to_string(), shown);
        assert_eq!(parsed.is_wildcard(), text.contains('*'));
    }
}

#[test]
fn threat_10_wildcards_are_whole_labels_and_never_cover_strangers() {
    let bad = [
        ("*", HostError::Wildcard),
        ("*.*.example.com", HostError::Wildcard),
        ("shop.*.example.com", HostError::Wildcard),
        ("shop*.example.com", HostError::Wildcard),
        ("*shop.example.com", HostError::Wildcard),
        ("*.com", HostError::PublicSuffix),
        ("*.co.uk", HostError::PublicSuffix),
        ("*.CO.uk.", HostError::PublicSuffix),
        ("*.github.io", HostError::PublicSuffix),
        ("*.公司.cn", HostError::PublicSuffix),
        ("*.xn--55qx5d.cn", HostError::PublicSuffix),
        ("*.something.ck", HostError::PublicSuffix),
        ("*.localhost", HostError::PublicSuffix),
        ("*.internal", HostError::PublicSuffix),
        ("*.", HostError::Empty),
        ("*.127.0.0.1", HostError::Address),
        ("*.[::1]", HostError::Address),
        ("", HostError::Empty),
        ("https://", HostError::Empty),
        ("ftp://example.com", HostError::Scheme),
        ("HTTPS://example.com", HostError::Scheme),
        ("https://http://example.com", HostError::Scheme),
        ("//example.com", HostError::Path),
        ("example.com/", HostError::Path),
        ("https://example.com/app", HostError::Path),
        ("example.com?x", HostError::Path),
        ("example.com#x", HostError::Path),
        ("example.com\\x", HostError::Path),
        ("me@example.com", HostError::Userinfo),
        ("example.com:99999", HostError::Port),
        (" example.com", HostError::Form),
    ];
    for (text, error) in bad {
        assert_eq!(HostEntry::parse(text), Err(error), "{text:?}");
    }
}

#[test]
fn threat_10_an_entry_matches_its_host_and_no_other() {
    let cases = [
        ("shop.example.com", "shop.example.com", true),
        ("shop.example.com", "shop.example.com:8443", true),
        ("shop.example.com", "SHOP.example.com.", true),
        ("shop.example.com", "example.com", false),
        ("shop.example.com", "ashop.example.com", false),
        ("shop.example.com", "shop.example.com.evil.example", false),
        ("shop.example.com:443", "shop.example.com", true),
        ("shop.example.com:443", "shop.example.com:443", true),
        ("shop.example.com:443", "shop.example.com:80", false),
        ("shop.example.com:8443", "shop.example.com", false),
        ("http://shop.example.com:80", "shop.example.com", true),
        ("http://shop.example.com:80", "shop.example.com:443", false),
        ("localhost:80", "localhost", true),
        ("localhost:443", "localhost", false),
        ("*.example.com", "shop.example.com", true),
        ("*.example.com", "shop.example.com:8443", true),
        ("*.example.com", "example.com", false),
        ("*.example.com", "a.b.example.com", false),
        ("*.example.com", "shopexample.com", false),
        ("*.example.com", "shop.example.com.evil.example", false),
        ("*.example.com:8443", "shop.example.com", false),
        ("*.example.com:8443", "shop.example.com:8443", true),
        ("127.0.0.1", "127.0.0.1:8080", true),
        ("127.0.0.1", "127.0.0.2", false),
        ("[::1]", "[0::1]:8080", true),
    ];
    for (pattern, asked, expected) in cases {
        assert_eq!(
            entry(pattern).matches(&authority(asked)),
            expected,
            "{pattern} {asked}"
        );
    }
}

#[test]
fn entries_overlap_when_one_request_could_mean_both() {
    let cases = [
        ("shop.example.com", "SHOP.example.com", true),
        ("shop.example.com", "http://shop.example.com", true),
        ("shop.example.com", "shop.example.com:8443", true),
        (
            "shop.example.com:8443",
            "http://shop.example.com:8443",
            true,
        ),
        ("shop.example.com:443", "http://shop.example.com:80", true),
        ("shop.example.com:443", "http://shop.example.com:443", true),
        ("shop.example.com:8443", "shop.example.com:9443", false),
        ("shop.example.com:443", "shop.example.com:8443", false),
        ("shop.example.com:80", "http://shop.example.com:443", false),
        ("shop.example.com", "example.com", false),
        ("*.example.com", "shop.example.com", false),
        ("*.example.com", "*.example.com:8443", true),
        ("*.example.com", "*.shop.example.com", false),
        ("localhost:3000", "localhost:3001", false),
    ];
    for (one, two, expected) in cases {
        assert_eq!(entry(one).overlaps(&entry(two)), expected, "{one} {two}");
        assert_eq!(entry(two).overlaps(&entry(one)), expected, "{two} {one}");
    }
}

#[test]
fn the_most_specific_entry_wins() {
    let entries = [
        "*.example.com",
        "*.example.com:8443",
        "dev.example.com",
        "http://dev.example.com:8443",
    ]
    .map(entry);
    let cases = [
        ("shop.example.com", Some("*.example.com")),
        ("shop.example.com:8443", Some("*.example.com:8443")),
        ("dev.example.com:9000", Some("dev.example.com")),
        ("dev.example.com:8443", Some("http://dev.example.com:8443")),
        ("example.com", None),
    ];
    for (asked, expected) in cases {
        let best = HostEntry::best(&entries, &authority(asked)).map(ToString::to_string);
        assert_eq!(best.as_deref(), expected, "{asked}");
    }
}

proptest! {
    #[test]
    fn an_entry_is_read_as_it_is_shown(text in near_hosts(), asked in near_hosts()) {
        let (Ok(parsed), Ok(asked)) = (HostEntry::parse(&text), Authority::parse(&asked)) else { return Ok(()) };
        prop_assert_eq!(HostEntry::parse(&parsed.to_string()), Ok(parsed.clone()));
        prop_assert!(parsed.overlaps(&parsed));
        if !parsed.is_wildcard() && parsed.matches(&asked) {
            prop_assert_eq!(asked.name(), parsed.name());
        }
    }
}
