use proptest::prelude::*;

use super::*;

fn path(raw: &str) -> RequestPath<'_> {
    RequestPath::parse(raw).unwrap_or_else(|error| panic!("{raw}: {error}"))
}

fn pattern(text: &str) -> PathPattern {
    PathPattern::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn reads_as(raw: &str, reading: &str) -> bool {
    path(raw).readings().any(|found| found == reading)
}

#[test]
fn a_plain_path_has_one_reading() {
    let plain = r"
        / /x /x/ /a/b/c.html /.well-known/x /a.b/..c /a.. /@user /~me/a,b=c&d+e! /a:b /$x /(x)'*
    ";
    for raw in plain.split_whitespace() {
        assert_eq!(path(raw).readings().collect::<Vec<_>>(), [raw]);
        assert!(readings::others(raw).unwrap().is_empty(), "{raw}");
    }
}

#[test]
fn threat_08_a_path_is_read_as_every_server_would() {
    let cases = [
        ("/%61dmin", "/admin"),
        ("/%2561dmin", "/admin"),
        ("/%25%36%31dmin", "/admin"),
        ("/public/../admin", "/admin"),
        ("/public/%2e%2e/admin", "/admin"),
        ("/public/%2E./admin", "/admin"),
        ("/public%2f..%2fadmin", "/admin"),
        ("/public%252f..%252fadmin", "/admin"),
        ("/public/%252e%252e/admin", "/admin"),
        ("/public\\..\\admin", "/admin"),
        ("/public%5c..%5cadmin", "/admin"),
        ("/public%255c..%255cadmin", "/admin"),
        ("/public/..;/admin", "/admin"),
        ("/public/..;a=b/admin", "/admin"),
        ("/public/..%3b/admin", "/admin"),
        ("/public/..%253b/admin", "/admin"),
        ("/public/.;x/../admin", "/admin"),
        ("/;/admin", "/admin"),
        ("/admin;jsessionid=1", "/admin"),
        ("/admin%3bx", "/admin"),
        ("//admin", "/admin"),
        ("///admin", "/admin"),
        ("/%2fadmin", "/admin"),
        ("/\\admin", "/admin"),
        ("/./admin", "/admin"),
        ("/../admin", "/admin"),
        ("/../../../admin", "/admin"),
        ("/x//../admin", "/x/admin"),
        ("/x//../admin", "/admin"),
        ("/admin/.", "/admin/"),
        ("/admin/x/..", "/admin/"),
        ("/admin%23x", "/admin"),
        ("/admin%3fx", "/admin"),
        ("/admin%3f/../public", "/admin"),
        ("/admin%2523x", "/admin"),
        ("//host/admin", "/admin"),
        ("/%5chost/admin", "/admin"),
        ("///host/admin", "/admin"),
        ("///a//b", "/a//b"),
        ("/%5c/host/admin", "/host/admin"),
        ("//host", "/"),
        ("/%61dmin/x%2fy/..", "/admin/"),
        ("/caf%c3%a9", "/café"),
        ("/100%25", "/100%"),
        ("/100%25zz", "/100%zz"),
        ("/100%25zz", "/100%25zz"),
        ("/a%20b", "/a b"),
        ("/a+b", "/a+b"),
    ];
    for (raw, reading) in cases {
        assert!(reads_as(raw, reading), "{raw}: {:?}", path(raw));
    }
    assert!(!reads_as("/a+b", "/a b"));
    assert!(!reads_as("/%252561", "/a"), "decoded three times");
}

#[test]
fn threat_08_malformed_paths_are_refused() {
    let long = format!("/{}", "a".repeat(MAX_PATH));
    let bad = [
        ("", PathError::NotAbsolute),
        ("x", PathError::NotAbsolute),
        ("*", PathError::NotAbsolute),
        ("http://shop.example.com/", PathError::NotAbsolute),
        ("\\x", PathError::NotAbsolute),
        (&long, PathError::TooLong),
        ("/ ", PathError::Character),
        ("/a\tb", PathError::Character),
        ("/a\nb", PathError::Character),
        ("/a\0", PathError::Character),
        ("/a\x7f", PathError::Character),
        ("/é", PathError::Character),
        ("/a?b", PathError::Character),
        ("/a#b", PathError::Character),
        ("/%", PathError::Encoding),
        ("/%2", PathError::Encoding),
        ("/%zz", PathError::Encoding),
        ("/%2g", PathError::Encoding),
        ("/%+1", PathError::Encoding),
        ("/%u0041", PathError::Encoding),
        ("/a/%%32%65", PathError::Encoding),
        ("/%ff", PathError::Encoding),
        ("/%c0%ae%c0%ae/admin", PathError::Encoding),
        ("/%e0%80%af", PathError::Encoding),
        ("/%ed%a0%80", PathError::Encoding),
        ("/%25c0%25ae", PathError::Encoding),
        ("/%25ff", PathError::Encoding),
        ("/%00", PathError::Control),
        ("/admin%00.html", PathError::Control),
        ("/%2500", PathError::Control),
        ("/%25%30%30", PathError::Control),
        ("/%0a", PathError::Control),
        ("/%0d%0aX-UserId:%20x", PathError::Control),
        ("/%250d", PathError::Control),
        ("/%09", PathError::Control),
        ("/%7f", PathError::Control),
        ("/%c2%85", PathError::Control),
        ("/x;%00", PathError::Control),
        ("/x%3b%2500", PathError::Control),
        ("/x%23%2500", PathError::Control),
    ];
    for (raw, error) in bad {
        assert_eq!(RequestPath::parse(raw), Err(error), "{raw:?}");
    }
}

#[test]
fn threat_08_a_path_with_too_many_readings_is_refused() {
    let mixed = "/a;b\\..;c%2f..%252f;d%5c.%3b/%255c..%253b//".repeat(8);
    let wide = format!("/{}", "%252f;%5c..//".repeat(600));
    for raw in [mixed, wide] {
        assert_eq!(RequestPath::parse(&raw), Err(PathError::Ambiguous));
    }
}

#[test]
fn patterns_have_two_forms() {
    for text in [
        "/",
        "/x",
        "/x/",
        "/x/y.html",
        "/*",
        "/x/*",
        "/mein büro/*",
        "/.well-known/*",
        "/a..b",
        "/@x:y",
    ] {
        assert_eq!(pattern(text).to_string(), text);
    }
    let bad = [
        ("", PatternError::NotAbsolute),
        ("x", PatternError::NotAbsolute),
        ("*", PatternError::NotAbsolute),
        ("^/x$", PatternError::NotAbsolute),
        ("/x*", PatternError::Star),
        ("/*/x", PatternError::Star),
        ("/x/**", PatternError::Star),
        ("/**", PatternError::Star),
        ("/*/*", PatternError::Star),
        ("/x/*/", PatternError::Star),
        ("/x/*.js", PatternError::Star),
        ("/x?y", PatternError::Query),
        ("/x#y", PatternError::Query),
        ("/x%20y", PatternError::Encoded),
        ("/x\\y", PatternError::Character),
        ("/x;y", PatternError::Character),
        ("/x\ny", PatternError::Character),
        ("//x", PatternError::Segment),
        ("/x//", PatternError::Segment),
        ("/x//*", PatternError::Segment),
        ("//*", PatternError::Segment),
        ("/x/..", PatternError::Segment),
        ("/./x", PatternError::Segment),
        ("/../*", PatternError::Segment),
    ];
    for (text, error) in bad {
        assert_eq!(PathPattern::parse(text), Err(error), "{text:?}");
    }
}

#[test]
fn a_pattern_covers_a_path_as_one_view_sees_it() {
    // pattern, path, and whether it matches: as it is, without case, without trailing slash, without both
    let cases = [
        ("/x", "/x", [true, true, true, true]),
        ("/x", "/X", [false, true, false, true]),
        ("/x", "/x/", [false, false, true, true]),
        ("/x", "/X/", [false, false, false, true]),
        ("/x", "/x/y", [false, false, false, false]),
        ("/x", "/xy", [false, false, false, false]),
        ("/x/", "/x", [false, false, true, true]),
        ("/x/", "/x/", [true, true, true, true]),
        ("/x/*", "/x", [false, false, false, false]),
        ("/x/*", "/x/", [true, true, false, false]),
        ("/x/*", "/x/y", [true, true, true, true]),
        ("/x/*", "/x/y/", [true, true, true, true]),
        ("/x/*", "/X/Y", [false, true, false, true]),
        ("/x/*", "/xy/z", [false, false, false, false]),
        ("/*", "/", [true, true, true, true]),
        ("/*", "/x/y", [true, true, true, true]),
        ("/", "/", [true, true, true, true]),
        ("/", "/x", [false, false, false, false]),
        ("/Büro", "/b%C3%9Cro", [false, false, false, false]),
    ];
    for (text, raw, expected) in cases {
        let found: Vec<bool> = View::all(path(raw).as_str())
            .map(|view| pattern(text).matches(&view))
            .collect();
        assert_eq!(found, expected, "{text} {raw}");
    }
    let office = path("/b%C3%9Cro");
    assert!(office.views().any(|view| pattern("/Büro").matches(&view)));
}

#[test]
fn letters_without_case_are_those_that_any_server_may_take_for_one() {
    let admin = pattern("/admin/keys");
    for text in [
        "/ADMIN/KEYS",
        "/adm\u{131}n/keys",
        "/admin/key\u{17f}",
        "/admin/\u{212a}eys",
    ] {
        let view = View {
            text,
            folded: true,
            slashless: false,
        };
        assert!(admin.matches(&view), "{text}");
    }
}

#[test]
fn judging_the_worst_path_takes_little() {
    // The costliest paths stay just below the limits or run into them late.
    let start = std::time::Instant::now();
    for unit in [
        "%252f", "%2e%2e/", "/.;a", "\\..", "%253b%5c", "a%2523/", "//%2e;",
    ] {
        let raw: String = format!("/{}", unit.repeat(MAX_PATH / unit.len()));
        let _ = RequestPath::parse(
            raw.get(..MAX_PATH)
                .unwrap_or(&raw)
                .trim_end_matches(['%', '2', '5']),
        );
    }
    assert!(start.elapsed().as_secs() < 2, "{:?}", start.elapsed());
}

/// What some server does to a path, written without regard to the code under test.
#[derive(Debug, Clone, Copy)]
enum Habit {
    Decode,
    DecodeAllButSlash,
    Backslash,
    Parameters,
    Merge,
    Dots,
    Cut,
    Reference,
    BrowserReference,
}

impl Habit {
    fn apply(self, path: &str) -> String {
        match self {
            Self::Decode => percent_encoding::percent_decode_str(path)
                .decode_utf8_lossy()
                .into_owned(),
            Self::DecodeAllButSlash => {
                let guarded = path.replace("%2f", "%252f").replace("%2F", "%252F");
                Self::Decode.apply(&guarded)
            }
            Self::Backslash => path.split('\\').collect::<Vec<_>>().join("/"),
            Self::Parameters => {
                let mut inside = false;
                path.chars()
                    .filter(|c| {
                        inside = (inside || *c == ';') && *c != '/';
                        !inside
                    })
                    .collect()
            }
            Self::Merge => {
                let mut path = path.to_owned();
                while path.contains("//") {
                    path = path.replace("//", "/");
                }
                path
            }
            Self::Dots => {
                let mut segments: Vec<&str> = vec![];
                let all: Vec<&str> = path.split('/').collect();
                for (i, segment) in all.iter().enumerate().skip(1) {
                    let last = i + 1 == all.len();
                    match *segment {
                        "." if last => segments.push(""),
                        "." => {}
                        ".." => {
                            segments.pop();
                            if last {
                                segments.push("")
                            }
                        }
                        other => segments.push(other),
                    }
                }
                format!("/{}", segments.join("/"))
            }
            Self::Cut => path.split(['?', '#']).next().unwrap().to_owned(),
            Self::Reference => match path.strip_prefix("//") {
                Some(rest) => behind_host(rest),
                None => path.to_owned(),
            },
            // Only the pathname counts; dots and encoding stay out of it, as they are habits of their own.
            Self::BrowserReference => match path.strip_prefix("//") {
                Some(rest) => behind_host(rest.trim_start_matches('/')),
                None => path.to_owned(),
            },
        }
    }
}

fn behind_host(rest: &str) -> String {
    match rest.split_once('/') {
        Some((host, tail)) if !host.contains(['?', '#']) => format!("/{tail}"),
        _ => "/".to_owned(),
    }
}

/// Up to five habits, of which at most two decode.
fn habits() -> impl Strategy<Value = Vec<Habit>> {
    use Habit::{
        Backslash, BrowserReference, Cut, Decode, DecodeAllButSlash, Dots, Merge, Parameters,
        Reference,
    };
    let habit = prop::sample::select(vec![
        Decode,
        DecodeAllButSlash,
        Backslash,
        Parameters,
        Merge,
        Dots,
        Cut,
        Reference,
        BrowserReference,
        Decode,
        Dots,
    ]);
    prop::collection::vec(habit, 0..6).prop_map(|habits| {
        let mut decodings = 0;
        let fits = |habit: &Habit| {
            decodings += usize::from(matches!(habit, Decode | DecodeAllButSlash));
            !matches!(habit, Decode | DecodeAllButSlash) || decodings <= 2
        };
        habits.into_iter().filter(fits).collect()
    })
}

/// Paths made of what servers disagree about.
pub(in crate::domain) fn tricky_paths() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "/", "/", "/", "a", "admin", "ADMIN", "public", "login", ".", "..", "%2e", "%252e", "%2f",
        "%252F", "\\", "%5c", "%255C", ";", ";v=1", "%3b", "%253b", "%61", "%2561", "%23", "%3f",
        "%2523", "%c3%a9", "%C4%B1", "//", "%25", "x",
    ]);
    prop::collection::vec(piece, 0..9).prop_map(|pieces| format!("/{}", pieces.concat()))
}

proptest! {
    #![proptest_config(ProptestConfig { max_global_rejects: 100_000, ..ProptestConfig::default() })]

    #[test]
    fn threat_08_no_server_sees_a_path_that_was_not_judged(raw in tricky_paths(), habits in habits()) {
        let Ok(parsed) = RequestPath::parse(&raw) else { return Ok(()) };
        let seen = habits.iter().fold(raw.clone(), |path, habit| habit.apply(&path));
        prop_assert!(parsed.readings().any(|reading| reading == seen), "{} {:?}", seen, habits);
    }

    #[test]
    fn reading_never_panics_and_is_repeatable(raw in prop_oneof![any::<String>(), tricky_paths(), "/[ -~]{0,40}"]) {
        if let Ok(parsed) = RequestPath::parse(&raw) {
            prop_assert_eq!(RequestPath::parse(parsed.as_str()), Ok(parsed.clone()));
            prop_assert!(parsed.readings().all(|reading| reading.starts_with('/')));
            prop_assert!(!parsed.readings().any(|reading| reading.chars().any(char::is_control)));
        }
    }

    #[test]
    fn a_pattern_is_read_as_it_is_shown(text in prop_oneof![any::<String>(), "/[a-zA-Z/.*é%]{0,12}"]) {
        if let Ok(parsed) = PathPattern::parse(&text) {
            prop_assert_eq!(parsed.to_string(), text.as_str());
            prop_assert_eq!(PathPattern::parse(&parsed.to_string()), Ok(parsed));
        }
    }
}
