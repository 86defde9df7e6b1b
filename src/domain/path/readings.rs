//! All readings of a path's text, found by applying every transformation that servers are known for until nothing
//! new appears.
//!
//! Must not decide which reading is right: nobody can know that from here.

use std::collections::HashSet;

use super::PathError;

/// More readings than this are refused. Honest paths have fewer than ten.
const MAX_READINGS: usize = 128;
/// The bytes that all readings together may hold, so that a long path can't buy much work.
const MAX_BYTES: usize = 64 * 1024;
/// How often a path may be decoded in total.
const MAX_DECODINGS: u8 = 2;

/// A text, and how often it has been decoded on the way.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Reading {
    text: String,
    decodings: u8,
}

/// Whether a path that begins with `/` has no reading but itself.
pub(super) fn is_plain(raw: &str) -> bool {
    let mut before = 0;
    let mut dots_only = false;
    for byte in raw.bytes() {
        let special = matches!(byte, b'%' | b'\\' | b';' | b'?' | b'#');
        if special || !byte.is_ascii_graphic() || (before == b'/' && byte == b'/') {
            return false;
        }
        // A segment that holds nothing but dots; `...` is honest, but too rare to be worth a closer look.
        if byte == b'/' && dots_only {
            return false;
        }
        dots_only = byte == b'.' && (before == b'/' || dots_only);
        before = byte;
    }
    !dots_only
}

/// Every reading of `raw` except `raw` itself.
pub(super) fn others(raw: &str) -> Result<Vec<String>, PathError> {
    check_raw(raw)?;
    let mut seen = HashSet::new();
    let mut queue = vec![Reading {
        text: raw.to_owned(),
        decodings: 0,
    }];
    let mut bytes = 0;
    let mut next = 0;
    while let Some(reading) = queue.get(next).cloned() {
        next += 1;
        for found in successors(&reading)? {
            if !seen.contains(&found) && found.text != raw {
                bytes += found.text.len();
                if queue.len() >= MAX_READINGS || bytes > MAX_BYTES {
                    return Err(PathError::Ambiguous);
                }
                seen.insert(found.clone());
                queue.push(found);
            }
        }
    }
    let mut texts: Vec<String> = queue
        .into_iter()
        .skip(1)
        .map(|reading| reading.text)
        .collect();
    texts.sort_unstable();
    texts.dedup();
    Ok(texts)
}

fn check_raw(raw: &str) -> Result<(), PathError> {
    if !raw
        .bytes()
        .all(|b| b.is_ascii_graphic() && b != b'?' && b != b'#')
    {
        return Err(PathError::Character);
    }
    let mut rest = raw.as_bytes();
    while let Some(at) = rest.iter().position(|b| *b == b'%') {
        let tail = rest.get(at..).unwrap_or_default();
        if escape(tail).is_none() {
            return Err(PathError::Encoding);
        }
        rest = tail.get(3..).unwrap_or_default();
    }
    Ok(())
}

/// What one transformation makes of a reading. Transformations that change nothing are left out.
fn successors(reading: &Reading) -> Result<Vec<Reading>, PathError> {
    let mut found = Vec::new();
    let text = reading.text.as_str();
    let mut keep = |new: String, decodings: u8| {
        if new != text {
            found.push(Reading {
                text: new,
                decodings,
            });
        }
    };
    if reading.decodings < MAX_DECODINGS && text.contains('%') {
        keep(decode(text, Slashes::Decoded)?, reading.decodings + 1);
        keep(decode(text, Slashes::Kept)?, reading.decodings + 1);
    }
    if text.contains('\\') {
        keep(text.replace('\\', "/"), reading.decodings);
    }
    if text.contains(';') {
        keep(without_parameters(text), reading.decodings);
    }
    if let Some(end) = text.find(['?', '#']) {
        keep(
            text.get(..end).unwrap_or_default().to_owned(),
            reading.decodings,
        );
    }
    if text.contains("//") {
        keep(merge_slashes(text), reading.decodings);
    }
    if let Some(reference) = text.strip_prefix("//") {
        keep(behind_authority(reference), reading.decodings);
        keep(
            behind_authority(reference.trim_start_matches('/')),
            reading.decodings,
        );
    }
    if text.contains("/.") {
        keep(resolve_dots(text), reading.decodings);
    }
    Ok(found)
}

/// What decoding makes of `%2F`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Slashes {
    /// A slash like any other.
    Decoded,
    /// Left alone, as servers do that keep an encoded slash inside its segment.
    Kept,
}

/// Decodes once. What is not an escape stays; the raw path was checked for that, and behind the first decoding a `%`
/// may be meant literally.
fn decode(text: &str, slashes: Slashes) -> Result<String, PathError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let decoded = escape(rest).filter(|b| !(*b == b'/' && slashes == Slashes::Kept));
        match decoded {
            Some(decoded) => {
                bytes.push(decoded);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(byte);
                rest = tail;
            }
        }
    }
    let decoded = String::from_utf8(bytes).map_err(|_| PathError::Encoding)?;
    if decoded.chars().any(char::is_control) {
        Err(PathError::Control)
    } else {
        Ok(decoded)
    }
}

/// The byte that `%xx` at the beginning of `bytes` stands for.
fn escape(bytes: &[u8]) -> Option<u8> {
    let [b'%', high, low, ..] = bytes else {
        return None;
    };
    let digit = |b: u8| {
        char::from(b)
            .to_digit(16)
            .and_then(|d| u8::try_from(d).ok())
    };
    Some(digit(*high)? * 16 + digit(*low)?)
}

/// `/a;v=1/b` as `/a/b`: what servlet containers make of it.
fn without_parameters(text: &str) -> String {
    let segments = text
        .split('/')
        .map(|segment| segment.split(';').next().unwrap_or(segment));
    segments.collect::<Vec<_>>().join("/")
}

fn merge_slashes(text: &str) -> String {
    let mut merged = String::with_capacity(text.len());
    for c in text.chars() {
        if c != '/' || !merged.ends_with('/') {
            merged.push(c);
        }
    }
    merged
}

/// `//host/path` as `/path`: what a URL parser makes of a path that it takes for a reference. Browsers' parsers skip
/// further slashes before the host, others take it for empty. `reference` is what follows the slashes.
fn behind_authority(reference: &str) -> String {
    let end = reference.find(['/', '?', '#']).unwrap_or(reference.len());
    let path = reference.get(end..).unwrap_or_default();
    if path.starts_with('/') {
        path.to_owned()
    } else {
        "/".to_owned()
    }
}

/// Removes `.` and `..` segments (RFC 3986, 5.2.4). Above the root there is nothing; empty segments stay.
fn resolve_dots(text: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut ends_in_dots = false;
    for segment in text.split('/').skip(1) {
        ends_in_dots = matches!(segment, "." | "..");
        match segment {
            "." => {}
            ".." => {
                kept.pop();
            }
            _ => kept.push(segment),
        }
    }
    if ends_in_dots {
        kept.push("");
    }
    kept.iter().flat_map(|segment| ["/", segment]).collect()
}
