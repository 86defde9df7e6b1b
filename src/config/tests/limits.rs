//! `[limits]`: rates, and how a wrong one is said.

use super::{load, load_with, refused};

#[test]
fn a_rate_has_a_default_and_off_lifts_it() {
    let limits = load("").unwrap().limits;
    let shown = |rate: Option<crate::domain::rate::Rate>| rate.unwrap().to_string();
    assert_eq!(shown(limits.sign_in), "60 per 1m");
    assert_eq!(shown(limits.registration), "60 per 1h");
    assert_eq!(shown(limits.reset), "20 per 1h");
    assert_eq!(shown(limits.general), "1200 per 1m");
    let limits = load("[limits]\nsign_in = \"off\"\nreset = \" 5 per  90s \"");
    let limits = limits.unwrap().limits;
    assert_eq!(limits.sign_in, None);
    assert_eq!(shown(limits.reset), "5 per 1m30s");
    assert!(limits.registration.is_some() && limits.general.is_some());
    let set = [("DOORWARD__LIMITS__GENERAL", "off")];
    assert_eq!(load_with("", &set).unwrap().limits.general, None);
}

#[test]
fn a_wrong_rate_is_told_apart_with_what_would_be_right() {
    for (value, problem) in [
        ("60", "is not a number and a time with \"per\" between them"),
        ("60/m", "is not a number and a time"),
        ("Off", "is not a number and a time"),
        ("unlimited", "is not a number and a time"),
        ("", "is not a number and a time"),
        ("0 per 1m", "lets nothing pass"),
        ("-1 per 1m", "does not begin with a whole number"),
        ("2000000 per 1m", "is more than 1000000 at once"),
        ("60 per 60", "has a time without a unit"),
        ("60 per minute", "does not end in a time"),
        ("60 per 100ms", "shorter than 1s or longer than 1d"),
        ("60 per 2d", "shorter than 1s or longer than 1d"),
    ] {
        for key in ["sign_in", "registration", "reset", "general"] {
            let file = format!("[limits]\n{key} = {value:?}");
            let key = format!("limits.{key}");
            refused(&file, &key, problem);
            refused(&file, &key, "such as \"60 per 1m\", or \"off\"");
        }
    }
    for value in ["60", "false", "[\"60 per 1m\"]", "1.5"] {
        let file = format!("[limits]\nsign_in = {value}");
        refused(&file, "limits.sign_in", "not a text");
    }
    refused(
        "[limits]\nsignin = \"off\"",
        "limits.signin",
        "did you mean sign_in?",
    );
}
