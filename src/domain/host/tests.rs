use proptest::prelude::*;

use super::*;

pub(super) fn name(text: &str) -> HostName {
    HostName::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

pub(super) fn authority(text: &str) -> Authority {
    Authority::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
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

/// Texts near enough to hosts to reach every branch.
pub(super) fn near_hosts() -> impl Strategy<Value = String> {
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
