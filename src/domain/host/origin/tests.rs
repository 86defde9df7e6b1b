use super::*;
use crate::domain::host::entry::tests::entry;
use crate::domain::host::tests::authority;

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
