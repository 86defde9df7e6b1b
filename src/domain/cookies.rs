//! The app's own cookies, told from the session's.
//!
//! Must not read a value: an app's cookies need not even be text.

/// What may stand before the name of a session cookie.
const PREFIXES: [&[u8]; 2] = [b"__Host-", b"__Secure-"];

/// The cookies of these `Cookie` lines, as one line, without the session's: whoever holds one can act as the user. Taken
/// out under each prefix, because a browser sends the cookie of a pool to every host below its domain, the hosts of other
/// apps among them. Empty when none is left.
#[must_use]
pub fn without_session<'l>(lines: impl Iterator<Item = &'l [u8]>, base_name: &str) -> Vec<u8> {
    let ours = without_prefix(base_name.as_bytes());
    let is_ours = |pair: &[u8]| {
        let name = pair.split(|byte| *byte == b'=').next().unwrap_or_default();
        without_prefix(name.trim_ascii()) == ours
    };
    let pairs = lines
        .flat_map(|line| line.split(|byte| *byte == b';'))
        .map(<[u8]>::trim_ascii);
    let kept: Vec<_> = pairs
        .filter(|pair| !pair.is_empty() && !is_ours(pair))
        .collect();
    kept.join(&b"; "[..])
}

fn without_prefix(name: &[u8]) -> &[u8] {
    let plain = PREFIXES
        .iter()
        .find_map(|prefix| name.strip_prefix(*prefix));
    plain.unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(lines: &[&str]) -> String {
        let lines = lines.iter().map(|line| line.as_bytes());
        String::from_utf8(without_session(lines, "SESSION")).unwrap()
    }

    #[test]
    fn the_session_is_taken_out_under_each_prefix_and_others_stay() {
        for (lines, expected) in [
            (&["a=1; b=2"][..], "a=1; b=2"),
            (&["a=1; SESSION=s; b=2", "SESSION=t;c=3"], "a=1; b=2; c=3"),
            (&["__Host-SESSION=s; __Secure-SESSION=t; SESSION = u"], ""),
            (
                &["XSESSION=1; SESSIONX=2; session=3; __Host-a=4"],
                "XSESSION=1; SESSIONX=2; session=3; __Host-a=4",
            ),
            (&["SESSION;SESSION=;;a"], "a"),
            (&[" ; "], ""),
            (&[], ""),
        ] {
            assert_eq!(left(lines), expected, "{lines:?}");
        }
    }
}
