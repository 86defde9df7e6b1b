use proptest::prelude::*;
use url::Url;

use super::*;

const CORPUS: &str = include_str!("../../../tests/data/rd_payloads.txt");
const ENTRIES: [&str; 5] = [
    "shop.example.com",
    "www.example.com:8443",
    "*.apps.example.com",
    "http://plain.example.com",
    "localhost:3000",
];

/// Reads `raw` for a visitor on `here`.
fn parse_on(here: &str, raw: &str) -> Result<ReturnTo, ReturnToError> {
    let entries = ENTRIES.map(|text| HostEntry::parse(text).unwrap());
    ReturnTo::parse(
        raw,
        &Site {
            entries: &entries,
            here: &Origin::parse(here).unwrap(),
        },
    )
}

fn parse(raw: &str) -> Result<ReturnTo, ReturnToError> {
    parse_on("https://shop.example.com", raw)
}

/// Where a browser would go, its host without a trailing dot, which Doorward drops.
fn browser(raw: &str) -> Option<Url> {
    let mut url = Url::parse("https://shop.example.com/login")
        .unwrap()
        .join(raw)
        .ok()?;
    let host = url.host_str()?.trim_end_matches('.').to_owned();
    url.set_host(Some(&host)).ok()?;
    Some(url)
}

fn is_known(url: &Url) -> bool {
    let (scheme, host, port) = (url.scheme(), url.host_str().unwrap_or_default(), url.port());
    match (scheme, host, port) {
        ("https", "shop.example.com", None) | ("https", "www.example.com", Some(8443)) => true,
        ("http", "plain.example.com", None) | ("http", "localhost", Some(3000)) => true,
        ("https", host, None) => host
            .strip_suffix(".apps.example.com")
            .is_some_and(|label| !label.contains('.')),
        _ => false,
    }
}

/// What must be true of any text, whoever made it up: an accepted one leads to a known origin, to the very page that a
/// browser would have gone to, and its path can't be taken for a host later on.
fn check_with_a_browser(raw: &str) {
    let Ok(accepted) = parse(raw) else { return };
    let url = browser(accepted.as_str()).unwrap_or_else(|| panic!("{raw:?}: no URL"));
    assert!(is_known(&url), "{raw:?} leads to {url}");
    assert_eq!(
        Some(&url),
        browser(raw).as_ref(),
        "{raw:?} became {accepted}"
    );
    let mut path = url.path().to_owned();
    for _ in 0..3 {
        assert!(
            path.starts_with('/') && !path.starts_with("//") && !path.starts_with("/\\"),
            "{raw:?}: {path}"
        );
        path = percent_encoding::percent_decode_str(&path)
            .decode_utf8_lossy()
            .into_owned();
    }
    assert_eq!(parse(accepted.as_str()).as_ref(), Ok(&accepted), "{raw:?}");
}

#[test]
fn threat_23_the_corpus_is_judged_as_it_says() {
    let mut count = 0;
    for line in CORPUS.lines().filter(|line| !line.starts_with('#')) {
        let (verdict, texts) = line.split_once(' ').unwrap();
        let texts: Vec<String> = serde_json::Deserializer::from_str(texts)
            .into_iter()
            .map(Result::unwrap)
            .collect();
        let found = parse(&texts[0]);
        match verdict {
            "keep" => assert_eq!(
                found.as_ref().map(ReturnTo::as_str),
                Ok(texts[0].as_str()),
                "{line}"
            ),
            "become" => assert_eq!(
                found.as_ref().map(ReturnTo::as_str),
                Ok(texts[1].as_str()),
                "{line}"
            ),
            "refuse" => assert!(found.is_err(), "{line}"),
            other => panic!("{other}"),
        }
        check_with_a_browser(&texts[0]);
        count += 1;
    }
    assert!(count >= 300, "{count}");
}

/// The parts of made-up payloads. `-` stands for nothing, `^` for a tab.
const STARTS: &str = r"
    - / // /\ /. /.. /a/.. /%2e /; https: https:/ https:// http:// HTTPS:// javascript: /%09 /^ /%25
";
const MIDDLES: &str = r"
    - / // \ %2f %5c %252f %255C @ %40 : ? # ;x . %2e shop.example.com
";
const HOSTS: &str = "
    evil.example shop.example.com shop.example.com.evil.example a.apps.example.com localhost:3000
    @evil.example x@shop.example.com shop.example.com@evil.example shop.example.com:443 [::1]
";
const ENDS: &str = r"
    - / //evil.example /..//evil.example ?x #x \ %2f%2fevil.example /x /%2e%2e/%2fevil.example
";

#[test]
fn threat_23_families_of_payloads_stay_on_the_site() {
    for start in STARTS.split_whitespace() {
        for middle in MIDDLES.split_whitespace() {
            for host in HOSTS.split_whitespace() {
                for end in ENDS.split_whitespace() {
                    let parts = [start, middle, host, end];
                    let raw = parts
                        .map(|part| if part == "-" { "" } else { part })
                        .concat();
                    check_with_a_browser(&raw.replace('^', "\t"));
                }
            }
        }
    }
}

#[test]
fn the_reasons_are_told_apart() {
    let cases = [
        ("", ReturnToError::Length),
        ("/x y", ReturnToError::Character),
        ("/\\evil.example", ReturnToError::Character),
        ("x", ReturnToError::Form),
        ("https://shop.example.com?x", ReturnToError::Form),
        (
            "https://a@shop.example.com/",
            ReturnToError::Host(HostError::Userinfo),
        ),
        ("https://evil.example/", ReturnToError::Foreign),
        ("http://shop.example.com/", ReturnToError::Foreign),
        ("/%", ReturnToError::Path(PathError::Encoding)),
        ("/%00", ReturnToError::Path(PathError::Control)),
        ("//evil.example", ReturnToError::Disguised),
        ("/%2fevil.example", ReturnToError::Disguised),
    ];
    for (raw, error) in cases {
        assert_eq!(parse(raw), Err(error), "{raw:?}");
    }
}

#[test]
fn an_entry_without_a_port_stands_for_the_port_the_visitor_is_on() {
    let here = "https://shop.example.com:9443";
    let found = |raw: &str| parse_on(here, raw).map(|to| to.to_string());
    assert_eq!(
        found("https://shop.example.com:9443/x").as_deref(),
        Ok("/x")
    );
    assert_eq!(
        found("https://shop.example.com/x").as_deref(),
        Ok("https://shop.example.com/x")
    );
    assert_eq!(
        found("https://shop.example.com:9444/x"),
        Err(ReturnToError::Foreign)
    );
    assert_eq!(
        found("https://a.apps.example.com:9443/x"),
        Err(ReturnToError::Foreign)
    );
    assert_eq!(
        found("https://www.example.com:8443/x").as_deref(),
        Ok("https://www.example.com:8443/x")
    );
}

proptest! {
    #[test]
    fn threat_23_no_text_leads_away(
        raw in prop_oneof![
            any::<String>(),
            "[/\\\\.:@?#;%25fFcCeE0-9a-z]{0,24}",
            "(https?:)?//?(shop\\.example\\.com|a\\.apps\\.example\\.com|localhost:3000)?[/\\\\.:@?#;%25fcea]{0,12}(evil\\.example)?",
            crate::domain::path::tests::tricky_paths(),
        ],
    ) {
        check_with_a_browser(&raw);
    }
}
