//! A browser in few words, for a narrow column.
//!
//! Browsers claim to be each other, so the order of the names counts. Must not be used to decide anything.

use crate::cli::layout::harmless;

/// What a browser says it is, and its name. The first that fits.
const BROWSERS: [(&str, &str); 9] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("HeadlessChrome/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];
const SYSTEMS: [(&str, &str); 7] = [
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];
/// The longest part of an unknown browser's own words.
const LONGEST: usize = 40;

/// `Firefox on Linux`, or the beginning of what an unknown one calls itself.
pub(super) fn described(agent: &str) -> String {
    let find = |names: &[(&str, &'static str)]| {
        names
            .iter()
            .find(|(mark, _)| agent.contains(mark))
            .map(|(_, name)| *name)
    };
    match (find(&BROWSERS), find(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        _ if agent.is_empty() => "-".to_owned(),
        _ if agent.chars().count() <= LONGEST => harmless(agent),
        _ => harmless(&agent.chars().take(LONGEST).chain(['…']).collect::<String>()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_described_in_few_words() {
        let chrome = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";
        let windows = format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64) {chrome}");
        for (agent, words) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
                "Firefox on Linux",
            ),
            (windows.as_str(), "Chrome on Windows"),
            (&format!("{windows} Edg/131.0"), "Edge on Windows"),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
                "Safari on iPhone",
            ),
            ("curl/8.5.0", "curl/8.5.0"),
            ("", "-"),
        ] {
            assert_eq!(described(agent), words);
        }
        assert_eq!(described(&"x".repeat(200)).chars().count(), LONGEST + 1);
    }
}
