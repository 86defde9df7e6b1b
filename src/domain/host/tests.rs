use proptest::prelude::*;

use super::*;

fn name(text: &str) -> HostName {
    HostName::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn authority(text: &str) -> Authority {
    Authority::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn entry(text: &str) -> HostEntry {
    HostEntry::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn threat_09_one_host_has_one_spelling() {
    let spellings = [
        ("shop.example.com", "shop.example.com"),
        ("SHOP.Example.COM", "shop.example.com"),
        ("shop.example.com.", "shop.example.com"),
        ("münchen.example", "xn--mnchen-3ya.example"),
        ("MÜNCHEN.example", "xn--mnchen-3ya.example"),
        ("mu\u{308}nchen.example", "xn--mnchen-3ya.example"),
        ("XN--MNCHEN-3YA.example", "xn--mnchen-3ya.example"),
        ("straße.example", "xn--strae-oqa.example"),
        ("ｓｈｏｐ。example。com", "shop.example.com"),
        ("sh\u{ad}op.example.com", "shop.example.com"),
        ("my_app.internal", "my_app.internal"),
        ("_dmarc.example.com", "_dmarc.example.com"),
        ("localhost", "localhost"),
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1.", "127.0.0.1"),
        ("１２７.0.0.1", "127.0.0.1"),
        ("[::1]", "[::1]"),
        ("[0:0:0:0:0:0:0:1]", "[::1]"),
        ("[2001:DB8::A]", "[2001:db8::a]"),
        ("[::ffff:192.0.2.1]", "[::ffff:192.0.2.1]"),
        ("[::ffff:c000:201]", "[::ffff:192.0.2.1]"),
        ("0x7f.example", "0x7f.example"),
        ("1.2.3.4.example", "1.2.3.4.example"),
    ];
    for (text, canonical) in spellings {
        assert_eq!(name(text).as_str(), canonical, "{text}");
    }
}

#[test]
fn threat_09_what_is_no_host_is_refused() {
    let label = "a".repeat(64);
    let long = vec!["a".repeat(60); 5].join(".");
    let bad = [
        ("", HostError::Empty),
        (".", HostError::Empty),
        ("..", HostError::Form),
        (".example.com", HostError::Form),
        ("shop..example.com", HostError::Form),
        ("shop.example.com..", HostError::Form),
        ("shop example.com", HostError::Form),
        (" shop.example.com", HostError::Form),
        ("shop.example.com\n", HostError::Form),
        ("shop\0.example.com", HostError::Form),
        ("shop%2eexample.com", HostError::Form),
        ("shop$.example.com", HostError::Form),
        ("shop/.example.com", HostError::Form),
        ("shop\\.example.com", HostError::Form),
        ("shop,other.example.com", HostError::Form),
        ("*.example.com", HostError::Form),
        ("-shop.example.com", HostError::Form),
        ("shop-.example.com", HostError::Form),
        ("xn--.example.com", HostError::Form),
        ("xn--a-.example.com", HostError::Form),
        ("xn--zzzzzzzzz.example", HostError::Form),
        (&label, HostError::TooLong),
        (&long, HostError::TooLong),
        ("127.1", HostError::Number),
        ("0x7f.1", HostError::Number),
        ("0x7f000001", HostError::Number),
        ("0X7F.0.0.1", HostError::Number),
        ("2130706433", HostError::Number),
        ("0177.0.0.1", HostError::Number),
        ("127.0.0.01", HostError::Number),
        ("1.2.3.4.5", HostError::Number),
        ("256.1.1.1", HostError::Number),
        ("shop.0x", HostError::Number),
        ("shop.example.1", HostError::Number),
        ("[]", HostError::Ipv6),
        ("[::1", HostError::Ipv6),
        ("[::1]x", HostError::Ipv6),
        ("[fe80::1%eth0]", HostError::Ipv6),
        ("[127.0.0.1]", HostError::Ipv6),
        ("::1", HostError::Form),
    ];
    for (text, error) in bad {
        assert_eq!(HostName::parse(text), Err(error), "{text:?}");
    }
}

#[test]
fn loopback_is_what_stays_on_the_machine() {
    for text in [
        "localhost",
        "LOCALHOST.",
        "shop.localhost",
        "127.0.0.1",
        "127.9.9.9",
        "[::1]",
    ] {
        assert!(name(text).is_loopback(), "{text}");
    }
    for text in [
        "localhost.example",
        "mylocalhost",
        "128.0.0.1",
        "[::2]",
        "[::ffff:127.0.0.1]",
    ] {
        assert!(!name(text).is_loopback(), "{text}");
    }
}

#[test]
fn an_authority_is_a_name_and_perhaps_a_port() {
    let good = [
        ("shop.example.com", "shop.example.com", None),
        ("Shop.Example.com.:8443", "shop.example.com", Some(8443)),
        ("localhost:1", "localhost", Some(1)),
        ("[::1]:65535", "[::1]", Some(65535)),
        ("[::1]", "[::1]", None),
    ];
    for (text, name, port) in good {
        let parsed = authority(text);
        assert_eq!(
            (parsed.name().as_str(), parsed.port()),
            (name, port),
            "{text}"
        );
    }
    let bad = [
        ("", HostError::Empty),
        (":80", HostError::Empty),
        ("shop.example.com:", HostError::Port),
        ("shop.example.com:0", HostError::Port),
        ("shop.example.com:00080", HostError::Port),
        ("shop.example.com:65536", HostError::Port),
        ("shop.example.com:100000", HostError::Port),
        ("shop.example.com:+80", HostError::Port),
        ("shop.example.com:-1", HostError::Port),
        ("shop.example.com:80:80", HostError::Port),
        ("shop.example.com:80 ", HostError::Port),
        ("shop.example.com:８０", HostError::Port),
        ("user@shop.example.com", HostError::Userinfo),
        ("shop.example.com:80@evil.example", HostError::Userinfo),
        ("::1", HostError::Empty),
        ("2001:db8::1", HostError::Number),
        ("[::1]80", HostError::Form),
        ("[::1]:", HostError::Port),
        ("shop.example.com/", HostError::Form),
        ("a.example, b.example", HostError::Form),
        ("a]:80", HostError::Form),
    ];
    for (text, error) in bad {
        assert_eq!(Authority::parse(text), Err(error), "{text:?}");
    }
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

#[test]
fn an_origin_leaves_out_the_default_port() {
    let cases = [
        (
            "shop.example.com",
            "Shop.example.com.",
            "https://shop.example.com",
            "shop.example.com",
        ),
        (
            "shop.example.com",
            "shop.example.com:443",
            "https://shop.example.com",
            "shop.example.com",
        ),
        (
            "shop.example.com",
            "shop.example.com:8443",
            "https://shop.example.com:8443",
            "shop.example.com:8443",
        ),
        (
            "shop.example.com",
            "shop.example.com:80",
            "https://shop.example.com:80",
            "shop.example.com:80",
        ),
        (
            "http://shop.example.com",
            "shop.example.com:80",
            "http://shop.example.com",
            "shop.example.com",
        ),
        (
            "localhost",
            "localhost:8080",
            "http://localhost:8080",
            "localhost:8080",
        ),
        ("[::1]", "[::1]:8080", "http://[::1]:8080", "[::1]:8080"),
    ];
    for (pattern, asked, shown, host) in cases {
        let origin = entry(pattern).origin(&authority(asked));
        assert_eq!(
            (origin.to_string().as_str(), &*origin.host()),
            (shown, host)
        );
        assert_eq!(Origin::parse(shown), Ok(origin));
    }
    assert_eq!(entry("*.example.com").own_origin(), None);
    let own = entry("shop.example.com:8443").own_origin().unwrap();
    assert_eq!(own.to_string(), "https://shop.example.com:8443");
}

#[test]
fn threat_24_an_origin_header_is_read_strictly() {
    let same = Origin::parse("https://shop.example.com").unwrap();
    assert_eq!(
        Origin::parse("https://shop.example.com:443"),
        Ok(same.clone())
    );
    for other in [
        "http://shop.example.com",
        "https://shop.example.com:80",
        "https://evil.example",
    ] {
        assert_ne!(Origin::parse(other).unwrap(), same);
    }
    let bad = [
        "",
        "null",
        "NULL",
        "https://",
        "https:shop.example.com",
        "shop.example.com",
        "//shop.example.com",
        "https://shop.example.com/",
        "https://shop.example.com/x",
        "https://shop.example.com?",
        "https://shop.example.com#",
        "https://a@shop.example.com",
        "https://shop.example.com, https://shop.example.com",
        "https://*.example.com",
        "https://shop.example.com https://evil.example",
        "ftp://shop.example.com",
        "file://",
        " https://shop.example.com",
        "https://shop.example.com:",
        "https://shop.example.com:https",
        "https://shop.example.com\\@evil.example",
    ];
    for text in bad {
        assert!(Origin::parse(text).is_err(), "{text:?}");
    }
}

#[test]
fn threat_10_a_cookie_domain_belongs_to_one_owner() {
    for (text, canonical) in [
        ("example.com", "example.com"),
        (".Example.com", "example.com"),
        ("a.example.co.uk", "a.example.co.uk"),
    ] {
        assert_eq!(
            CookieDomain::parse(text)
                .map(|domain| domain.to_string())
                .as_deref(),
            Ok(canonical)
        );
    }
    let bad = [
        ("com", HostError::SingleLabel),
        ("localhost", HostError::SingleLabel),
        ("co.uk", HostError::PublicSuffix),
        (".github.io", HostError::PublicSuffix),
        ("192.0.2.1", HostError::Address),
        ("[2001:db8::1]", HostError::Address),
        ("..example.com", HostError::Form),
        ("", HostError::Empty),
        ("*.example.com", HostError::Form),
        ("example.com;x", HostError::Form),
    ];
    for (text, error) in bad {
        assert_eq!(CookieDomain::parse(text), Err(error), "{text:?}");
    }
    let domain = CookieDomain::parse("example.com").unwrap();
    for host in [
        "example.com",
        "shop.example.com",
        "a.b.example.com",
        "SHOP.EXAMPLE.COM.",
    ] {
        assert!(domain.covers(&name(host)), "{host}");
    }
    for host in [
        "com",
        "notexample.com",
        "example.com.evil.example",
        "shop.example.org",
        "192.0.2.1",
    ] {
        assert!(!domain.covers(&name(host)), "{host}");
    }
    assert_eq!(
        registrable(&name("www.example.co.uk")),
        Some("example.co.uk")
    );
    assert_eq!(registrable(&name("192.0.2.1")), None);
    assert!(!is_public_suffix(&name("192.0.2.1")));
}

/// Texts near enough to hosts to reach every branch.
fn near_hosts() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "a",
        "B",
        "shop",
        "example",
        "com",
        "co.uk",
        "localhost",
        "xn--",
        "xn--mnchen-3ya",
        "ü",
        "ß",
        "İ",
        "ſ",
        "\u{200d}",
        "\u{ad}",
        "。",
        "．",
        "1",
        "127",
        "0x7f",
        "0",
        "255",
        "-",
        "_",
        ".",
        ".",
        ".",
        ":",
        ":80",
        ":443",
        "[",
        "]",
        "::1",
        "*.",
        "@",
        "/",
        "%41",
        " ",
        "\0",
        "http://",
        "https://",
        "１",
        "٣",
        "א",
        "ｘ",
    ]);
    prop_oneof![
        prop::collection::vec(pieces, 0..8).prop_map(|pieces| pieces.concat()),
        any::<String>()
    ]
}

proptest! {
    #[test]
    fn the_canonical_form_is_read_as_itself(text in near_hosts()) {
        if let Ok(parsed) = HostName::parse(&text) {
            prop_assert_eq!(HostName::parse(parsed.as_str()), Ok(parsed.clone()));
            prop_assert!(parsed.as_str().is_ascii() && parsed.as_str().len() <= 253);
        }
        if let Ok(parsed) = Authority::parse(&text) {
            prop_assert_eq!(Authority::parse(&parsed.to_string()), Ok(parsed));
        }
        if let Ok(parsed) = Origin::parse(&text) {
            prop_assert_eq!(Origin::parse(&parsed.to_string()), Ok(parsed));
        }
        if let Ok(parsed) = CookieDomain::parse(&text) {
            prop_assert_eq!(CookieDomain::parse(parsed.as_str()), Ok(parsed));
        }
    }

    #[test]
    fn an_entry_is_read_as_it_is_shown(text in near_hosts(), asked in near_hosts()) {
        let (Ok(parsed), Ok(asked)) = (HostEntry::parse(&text), Authority::parse(&asked)) else { return Ok(()) };
        prop_assert_eq!(HostEntry::parse(&parsed.to_string()), Ok(parsed.clone()));
        prop_assert!(parsed.overlaps(&parsed));
        if !parsed.is_wildcard() && parsed.matches(&asked) {
            prop_assert_eq!(asked.name(), parsed.name());
        }
    }

    #[test]
    fn a_browser_reads_the_same_host(text in near_hosts()) {
        // Where the WHATWG parser accepts the canonical form too, it must see the same host in it.
        let Ok(parsed) = HostName::parse(&text) else { return Ok(()) };
        let url = url::Url::parse(&format!("https://{parsed}/")).unwrap();
        match url.host() {
            Some(url::Host::Ipv6(address)) => prop_assert_eq!(parsed.ip(), Some(address.into())),
            Some(url::Host::Ipv4(address)) => prop_assert_eq!(parsed.ip(), Some(address.into())),
            other => prop_assert_eq!(other, Some(url::Host::Domain(parsed.as_str()))),
        }
    }
}
