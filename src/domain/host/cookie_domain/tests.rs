use super::*;
use crate::domain::host::tests::name;

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
