//! Return addresses that somebody might try: the corpus of `tests/data`, and families that no list holds.

use std::collections::BTreeSet;

const CORPUS: &str = include_str!("../../data/rd_payloads.txt");

/// What is to be reached: somebody else's host in many spellings.
const EVIL: [&str; 12] = [
    "evil.example",
    "evil.example:443",
    "evil%2eexample",
    "EVIL.example.",
    "xn--vil-5cd.example",
    "\u{435}vil.example",
    "evil\u{3002}example",
    "203.0.113.7",
    "3405803783",
    "0xcb007107",
    "[2001:db8::7]",
    "shop.example.com.evil.example",
];

/// What is put before it.
const BEFORE: [&str; 44] = [
    "//",
    "///",
    "////",
    "/\\",
    "\\/",
    "\\\\",
    "\\",
    "/\\/",
    "/\t/",
    "/\n/",
    "/\r\n/",
    "/\0/",
    "\t//",
    " //",
    "\u{a0}//",
    "\u{feff}//",
    "/%09/",
    "/%0a/",
    "/%0d%0a/",
    "/%00/",
    "/%2f",
    "/%2f%2f",
    "%2f%2f",
    "/%5c",
    "%5c%5c",
    "/%252f",
    "/%255c",
    "/.//",
    "/..//",
    "/./\\",
    "/a/..//",
    "/a/../..//",
    "/%2e%2e//",
    "/;//",
    "//;@",
    "http:",
    "http:/",
    "http:///",
    "https:\\\\",
    "https:/\\",
    "hTTps://",
    "ftp://",
    "https://shop.example.com@",
    "https://shop.example.com:443@",
];

/// What is put between a known origin and somebody else's host.
const JOINTS: [&str; 26] = [
    "@",
    ":@",
    ":443@",
    ".",
    "%2e",
    "\\@",
    "\\.",
    "%5c@",
    "#@",
    "?@",
    "/@",
    ";@",
    "%00@",
    "%00.",
    "\t@",
    " @",
    "%20@",
    "%09.",
    "&@",
    "%40",
    "%23@",
    "\u{ff0f}@",
    "\u{2044}@",
    "\u{ff20}",
    "%0d%0aLocation: https://",
    "\r\nLocation: https://",
];

/// Known origins, and beginnings that only look like one.
const KNOWN: [&str; 8] = [
    "https://shop.example.com",
    "http://plain.example.com",
    "http://localhost:3000",
    "https://login.example.com",
    "//shop.example.com",
    "shop.example.com",
    "https:shop.example.com",
    "https:///shop.example.com",
];

/// Ends that turn an honest path into something else.
const TRICKS: [&str; 20] = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)",
    "\u{1}javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "blob:https://shop.example.com/x",
    "file:///etc/passwd",
    "about:blank",
    "view-source:https://shop.example.com",
    "x",
    "?x",
    "#x",
    ".",
    "..",
    "",
    " ",
    "/\u{2028}",
    "/caf\u{e9}",
    "/x\"onload=\"x",
];

/// All of them, each once, the families mixed.
pub(crate) fn all() -> Vec<String> {
    let corpus = CORPUS
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let (_, texts) = line.split_once(' ').expect("a verdict and a text");
            let first = serde_json::Deserializer::from_str(texts)
                .into_iter::<String>()
                .next();
            first.expect("a text").expect("a JSON string")
        });
    let fronts = BEFORE
        .iter()
        .flat_map(|before| EVIL.map(|evil| format!("{before}{evil}")));
    let joined = KNOWN
        .iter()
        .flat_map(|known| JOINTS.map(|joint| format!("{known}{joint}evil.example/")));
    let tricks = TRICKS.iter().map(ToString::to_string);
    let doubled = BEFORE
        .iter()
        .map(|before| format!("/x{before}evil.example"));
    let all: BTreeSet<String> = corpus
        .chain(fronts)
        .chain(joined)
        .chain(tricks)
        .chain(doubled)
        .collect();
    all.into_iter().collect()
}
