use proptest::prelude::*;

use super::*;

fn proxies(nets: &[&str], hops: Option<u8>) -> TrustedProxies {
    TrustedProxies::new(
        nets.iter().map(|net| net.parse().unwrap()).collect(),
        hops.and_then(NonZeroU8::new),
    )
}

fn client(proxies: &TrustedProxies, peer: &str, lines: &[&str]) -> String {
    proxies
        .client(
            peer.parse().unwrap(),
            lines.iter().map(|line| line.as_bytes()),
        )
        .to_string()
}

#[test]
fn threat_04_an_unlisted_peer_is_the_client_itself() {
    let listed = proxies(&["127.0.0.0/8", "::1/128"], None);
    assert_eq!(
        client(&listed, "203.0.113.9", &["198.51.100.7"]),
        "203.0.113.9"
    );
    assert_eq!(
        client(&listed, "::ffff:203.0.113.9", &["198.51.100.7"]),
        "203.0.113.9"
    );
    assert_eq!(
        client(&proxies(&[], Some(1)), "127.0.0.1", &["198.51.100.7"]),
        "127.0.0.1"
    );
    assert_eq!(
        client(&proxies(&[], None), "127.0.0.1", &["198.51.100.7"]),
        "127.0.0.1"
    );
    assert!(
        listed.trusts("::1".parse().unwrap()) && listed.trusts("::ffff:127.0.0.1".parse().unwrap())
    );
    assert!(!listed.trusts("::2".parse().unwrap()) && !listed.trusts("128.0.0.1".parse().unwrap()));
}

#[test]
fn threat_05_the_nearest_address_that_is_not_trusted_is_the_client() {
    let listed = proxies(
        &[
            "127.0.0.0/8",
            "10.0.0.0/8",
            "2001:db8:1::/48",
            "::ffff:192.168.0.0/112",
        ],
        None,
    );
    let cases: &[(&[&str], &str)] = &[
        (&[], "127.0.0.1"),
        (&[""], "127.0.0.1"),
        (&["198.51.100.7"], "198.51.100.7"),
        (&["1.1.1.1, 198.51.100.7"], "198.51.100.7"),
        (&["1.1.1.1, 198.51.100.7, 10.0.0.1"], "198.51.100.7"),
        (&["1.1.1.1", "198.51.100.7", "10.0.0.1"], "198.51.100.7"),
        (
            &["1.1.1.1,198.51.100.7", "10.0.0.1,127.0.0.2"],
            "198.51.100.7",
        ),
        (&["127.0.0.1, 198.51.100.7"], "198.51.100.7"),
        (&["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        (&[" \t198.51.100.7 \t,\t10.0.0.1 "], "198.51.100.7"),
        (&["198.51.100.7,, ,10.0.0.1,"], "198.51.100.7"),
        (&["198.51.100.7:4711"], "198.51.100.7"),
        (&["2001:db8::7"], "2001:db8::7"),
        (&["[2001:db8::7]"], "2001:db8::7"),
        (&["[2001:DB8::7]:4711, 10.0.0.1:80"], "2001:db8::7"),
        (&["2001:db8::7, 2001:db8:1::9"], "2001:db8::7"),
        (&["::ffff:198.51.100.7"], "198.51.100.7"),
        (
            &["[::ffff:198.51.100.7]:80, ::ffff:10.0.0.1"],
            "198.51.100.7",
        ),
        (&["198.51.100.7, 192.168.0.5"], "198.51.100.7"),
    ];
    for (lines, expected) in cases {
        assert_eq!(client(&listed, "127.0.0.1", lines), *expected, "{lines:?}");
        assert_eq!(
            client(&listed, "::ffff:10.9.9.9", lines).replace("10.9.9.9", "127.0.0.1"),
            *expected,
            "{lines:?}"
        );
    }
}

#[test]
fn threat_05_what_stands_before_garbage_is_not_believed() {
    let listed = proxies(&["127.0.0.0/8", "10.0.0.0/8"], None);
    let garbage = [
        "unknown",
        "_hidden",
        "example.com",
        "1.2.3",
        "1.2.3.4.5",
        "256.1.1.1",
        "01.2.3.4",
        "0x7f000001",
        "2130706433",
        "1.2.3.4:",
        "1.2.3.4:99999",
        "[1.2.3.4]",
        "[::1",
        "::1]",
        "fe80::1%eth0",
        "\"1.2.3.4\"",
        "for=1.2.3.4",
        "1.2.3.4/8",
        "1.2.3.4 5.6.7.8",
        "é",
        "1.2.3.4;5.6.7.8",
        "-",
        "null",
    ];
    for entry in garbage {
        let line = format!("198.51.100.7, {entry}, 10.0.0.1");
        assert_eq!(
            client(&listed, "127.0.0.1", &[&line]),
            "10.0.0.1",
            "{entry}"
        );
        assert_eq!(
            client(&listed, "127.0.0.1", &["198.51.100.7", entry]),
            "127.0.0.1",
            "{entry}"
        );
        let line = format!("{entry}, 198.51.100.7");
        assert_eq!(
            client(&listed, "127.0.0.1", &[&line]),
            "198.51.100.7",
            "{entry}"
        );
    }
    let bytes: &[&[u8]] = &[b"198.51.100.7, \xff\xfe"];
    assert_eq!(
        listed
            .client("127.0.0.1".parse().unwrap(), bytes.iter().copied())
            .to_string(),
        "127.0.0.1"
    );
}

#[test]
fn threat_05_hops_count_from_the_peer_as_in_express() {
    let line = ["1.1.1.1, 2.2.2.2", "3.3.3.3"];
    for (hops, expected) in [
        (1, "3.3.3.3"),
        (2, "2.2.2.2"),
        (3, "1.1.1.1"),
        (4, "1.1.1.1"),
        (255, "1.1.1.1"),
    ] {
        assert_eq!(
            client(&proxies(&["127.0.0.0/8"], Some(hops)), "127.0.0.1", &line),
            expected,
            "{hops}"
        );
    }
    let two = proxies(&["127.0.0.0/8"], Some(2));
    assert_eq!(client(&two, "127.0.0.1", &[]), "127.0.0.1");
    assert_eq!(
        client(&two, "127.0.0.1", &["1.1.1.1, unknown, 3.3.3.3"]),
        "3.3.3.3"
    );
    assert_eq!(
        client(&two, "127.0.0.1", &["1.1.1.1, 127.0.0.5, 127.0.0.6"]),
        "127.0.0.5"
    );
}

fn entries() -> impl Strategy<Value = String> {
    let entry = prop::sample::select(vec![
        "10.0.0.1",
        "10.0.0.2:80",
        "198.51.100.7",
        "2001:db8::7",
        "[2001:db8::8]:1",
        "::ffff:10.0.0.3",
        "unknown",
        "",
        " ",
        "1.1.1.1",
    ]);
    prop_oneof![
        prop::collection::vec(entry, 0..6).prop_map(|entries| entries.join(",")),
        any::<String>()
    ]
}

proptest! {
    #[test]
    fn threat_05_nobody_changes_the_client_from_the_left(
        forged in prop::collection::vec(entries(), 0..3),
        own in prop::sample::select(vec!["198.51.100.7", "2001:db8::7", "[2001:db8::7]:80", "::ffff:1.1.1.1"]),
        inner in prop::collection::vec(Just("10.0.0.1"), 0..3),
    ) {
        let listed = proxies(&["127.0.0.0/8", "10.0.0.0/8"], None);
        let mut honest = vec![own.to_owned()];
        honest.extend(inner.iter().map(ToString::to_string));
        let alone: Vec<&str> = honest.iter().map(String::as_str).collect();
        let lines: Vec<&str> = forged.iter().map(String::as_str).chain(alone.iter().copied()).collect();
        prop_assert_eq!(client(&listed, "127.0.0.1", &lines), client(&listed, "127.0.0.1", &alone));
        let joined = lines.join(", ");
        prop_assert_eq!(client(&listed, "127.0.0.1", &[&joined]), client(&listed, "127.0.0.1", &alone));
        // What a number of hops picks can't be moved either, as long as the proxies are as many as it says.
        let counted = proxies(&["127.0.0.0/8"], u8::try_from(alone.len()).ok());
        prop_assert_eq!(client(&counted, "127.0.0.1", &lines), client(&counted, "127.0.0.1", &alone));
    }

    #[test]
    fn the_client_is_canonical_and_nothing_panics(lines in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..4)) {
        let listed = proxies(&["0.0.0.0/0", "::/0"], None);
        let found = listed.client("::ffff:10.0.0.1".parse().unwrap(), lines.iter().map(Vec::as_slice));
        prop_assert_eq!(found, found.to_canonical());
    }
}
