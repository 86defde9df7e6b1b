use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

fn new(text: &str) -> Result<String, PasswordError> {
    NewPassword::parse(
        text.to_owned(),
        &["anna.berg@example.com", "shop.example.com"],
    )
    .map(|password| password.expose().to_owned())
}

fn given(text: &str) -> Result<String, PasswordError> {
    GivenPassword::parse(text.to_owned()).map(|password| password.expose().to_owned())
}

#[test]
fn threat_31_passwords_are_bounded_before_any_work() {
    let most = "ü".repeat(1024);
    assert_eq!(given(&most).as_deref(), Ok(most.as_str()));
    for text in ["x", " ", "password", "ünïcödé 🔑", " spaces stay "] {
        assert_eq!(given(text).as_deref(), Ok(text));
    }
    let megabyte = "x".repeat(1 << 20);
    let over = "x".repeat(1025);
    let cases = [
        ("", PasswordError::Empty),
        (over.as_str(), PasswordError::TooLong),
        (megabyte.as_str(), PasswordError::TooLong),
        ("correct\0horse", PasswordError::ControlCharacter),
        ("correct\nhorse", PasswordError::ControlCharacter),
        ("correct\u{85}horse", PasswordError::ControlCharacter),
        ("correct\thorse", PasswordError::ControlCharacter),
        ("\u{7f}correct horse", PasswordError::ControlCharacter),
    ];
    for (text, error) in cases {
        assert_eq!(given(text), Err(error.clone()), "{:.20}", text);
        assert_eq!(new(text), Err(error), "{:.20}", text);
    }
}

#[test]
fn a_new_password_is_long_enough_and_not_easily_guessed() {
    let most: String = (0u32..512)
        .map(|n| format!("{:02x}", n.wrapping_mul(2_654_435_761) >> 24))
        .collect();
    for text in [
        "kxvq-83-mzu",
        "correct horse battery staple",
        "wolkig mit Aussicht auf Fleisch",
        "日本語のパスワードは長い",
        &most,
    ] {
        assert_eq!(new(text).as_deref(), Ok(text), "{text}");
    }
    for text in ["x", "kxvq83m", "üüüüüüü"] {
        assert_eq!(new(text), Err(PasswordError::TooShort));
    }
    let weak = r"
        password password1 Passw0rd 12345678 1234567890 qwertyuiop aaaaaaaaaaaa abcabcabcabc
        iloveyou anna.berg@example.com annaberg anna1234 shop.example.com example1
    ";
    for text in weak.split_whitespace() {
        assert!(
            matches!(new(text), Err(PasswordError::TooWeak(_))),
            "{text}"
        );
    }
    assert!(
        matches!(new("password"), Err(PasswordError::TooWeak(Some(advice))) if !advice.is_empty())
    );
}

#[test]
fn threat_31_the_estimate_is_bounded_too() {
    let context = ["a"; 1000];
    let texts = [
        "a".repeat(1024),
        "@4a".repeat(341),
        "p4$$w0rd".repeat(128),
        "1/1/11".repeat(170),
        "üé".repeat(512),
        "qwerty".repeat(170),
        // Every sign may stand for a letter: ten such texts took twenty seconds.
        "4@8({[<69&!1|0$5+7%2".repeat(5),
    ];
    let start = Instant::now();
    for text in texts.iter().cycle().take(10 * texts.len()) {
        let _ = NewPassword::parse(text.clone(), &context);
    }
    assert!(
        start.elapsed() < Duration::from_secs(10),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn threat_40_a_password_is_not_shown_by_debug() {
    let given = GivenPassword::parse("hunter2".to_owned()).unwrap();
    let new = NewPassword::parse("kxvq-83-mzu".to_owned(), &[]).unwrap();
    assert_eq!(
        format!("{given:?} {new:?}"),
        "GivenPassword(…) NewPassword(…)"
    );
}

proptest! {
    #[test]
    fn a_password_stays_as_it_was_typed(text in prop_oneof![any::<String>(), "[ -~]{8,120}", "\\PC{8,120}"]) {
        if let Ok(password) = given(&text) {
            prop_assert_eq!(password, text.as_str());
        }
        if let Ok(password) = new(&text) {
            prop_assert_eq!(password.as_str(), text.as_str());
            prop_assert!(given(&text).is_ok());
        }
    }
}
