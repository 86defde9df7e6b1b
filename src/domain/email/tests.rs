use proptest::prelude::*;

use super::*;

fn parse(text: &str) -> Result<String, EmailError> {
    Email::parse(text).map(|email| email.as_str().to_owned())
}

#[test]
fn threat_34_one_mailbox_has_one_form() {
    let cases = [
        ("anna@example.com", "anna@example.com"),
        ("  Anna@Example.COM\t\r\n", "anna@example.com"),
        ("ANNA.Berg+Shop@example.com", "anna.berg+shop@example.com"),
        ("a.n.n.a@gmail.com", "a.n.n.a@gmail.com"),
        ("anna@MÜNCHEN.example", "anna@xn--mnchen-3ya.example"),
        ("anna@xn--MNCHEN-3YA.example", "anna@xn--mnchen-3ya.example"),
        ("anna@mu\u{308}nchen.example", "anna@xn--mnchen-3ya.example"),
        ("o'neil@example.com", "o'neil@example.com"),
        (
            "!#$%&'*+-/=?^_`{|}~@example.com",
            "!#$%&'*+-/=?^_`{|}~@example.com",
        ),
        ("1@1.example", "1@1.example"),
        ("a@b.co", "a@b.co"),
    ];
    for (text, canonical) in cases {
        assert_eq!(parse(text).as_deref(), Ok(canonical), "{text:?}");
    }
    assert_eq!(
        Email::parse("anna@MÜNCHEN.example").unwrap().domain(),
        "xn--mnchen-3ya.example"
    );
    assert_ne!(
        parse("anna@ex\u{0430}mple.com"),
        parse("anna@example.com"),
        "a Cyrillic letter is another domain"
    );
    assert_eq!(
        parse(&format!("{}@example.com", "a".repeat(64))).map(|email| email.len()),
        Ok(76)
    );
}

#[test]
fn threat_34_what_is_no_mailbox_is_refused() {
    let long_local = format!("{}@example.com", "a".repeat(65));
    let label = "b".repeat(60);
    let long = format!("{}@{label}.{label}.{label}.example.com", "a".repeat(64));
    let cases = [
        ("", EmailError::At),
        ("anna", EmailError::At),
        ("anna@@example.com", EmailError::At),
        ("anna@example.com@evil.example", EmailError::At),
        ("anna＠example.com", EmailError::At),
        ("a@b.example,c@d.example", EmailError::At),
        ("@example.com", EmailError::Local),
        (".anna@example.com", EmailError::Local),
        ("anna.@example.com", EmailError::Local),
        ("an..na@example.com", EmailError::Local),
        ("an na@example.com", EmailError::Local),
        ("\"anna\"@example.com", EmailError::Local),
        ("\"a b\"@example.com", EmailError::Local),
        ("Anna <anna@example.com", EmailError::Local),
        ("anna(x)@example.com", EmailError::Local),
        ("anna,berg@example.com", EmailError::Local),
        ("anna;berg@example.com", EmailError::Local),
        ("anna:berg@example.com", EmailError::Local),
        ("anna\\@example.com", EmailError::Local),
        ("anna\r\nBcc:evil@example.com", EmailError::Local),
        ("anna\n@example.com", EmailError::Local),
        ("anna\0@example.com", EmailError::Local),
        ("änna@example.com", EmailError::Local),
        ("аnna@example.com", EmailError::Local),
        ("ａnna@example.com", EmailError::Local),
        ("\u{200b}anna@example.com", EmailError::Local),
        (&long_local, EmailError::Local),
        ("anna@", EmailError::Domain),
        ("anna@com", EmailError::Domain),
        ("anna@localhost", EmailError::Domain),
        ("anna@example.com.", EmailError::Domain),
        ("anna@.example.com", EmailError::Domain),
        ("anna@example..com", EmailError::Domain),
        ("anna@-example.com", EmailError::Domain),
        ("anna@exa_mple.com", EmailError::Domain),
        ("anna@exam ple.com", EmailError::Domain),
        ("anna@example.com\r\nBcc: evil", EmailError::Domain),
        ("anna@example.com\0", EmailError::Domain),
        ("anna@example.com>", EmailError::Domain),
        ("anna@example.com,evil.example", EmailError::Domain),
        ("anna@example.com:25", EmailError::Domain),
        ("anna@127.0.0.1", EmailError::Domain),
        ("anna@[127.0.0.1]", EmailError::Domain),
        ("anna@[::1]", EmailError::Domain),
        ("anna@[IPv6:::1]", EmailError::Domain),
        ("anna@0x7f.1", EmailError::Domain),
        (&long, EmailError::TooLong),
    ];
    for (text, error) in cases {
        assert_eq!(parse(text), Err(error), "{text:?}");
    }
}

#[test]
fn threat_40_an_address_is_not_shown_by_debug() {
    let email = Email::parse("anna@example.com").unwrap();
    assert_eq!(format!("{email:?}"), "Email(…)");
    assert_eq!(format!("{:?}", Some(&email)), "Some(Email(…))");
}

fn near_addresses() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "anna", "A", ".", "@", "@", "+", "example", ".com", "ü", "ß", "İ", "\u{212a}", "xn--", " ",
        "\n", "\0", "[", "]", "1", "\"", "_", "-", "。", "\u{ad}", "\u{feff}",
    ]);
    prop_oneof![
        any::<String>(),
        prop::collection::vec(pieces, 0..9).prop_map(|pieces| pieces.concat()),
        "[a-zA-Z.+]{1,6}@[a-zA-ZüÜß-]{1,6}\\.[a-z]{2,3}",
    ]
}

proptest! {
    #[test]
    fn threat_34_the_canonical_form_is_read_as_itself(text in near_addresses()) {
        let Ok(email) = Email::parse(&text) else { return Ok(()) };
        prop_assert_eq!(Email::parse(email.as_str()), Ok(email.clone()));
        let shape = |b: u8| b.is_ascii_graphic() && !b.is_ascii_uppercase() && !b"<>,;:\"()[]\\".contains(&b);
        prop_assert!(email.as_str().bytes().all(shape));
        prop_assert_eq!(email.as_str().matches('@').count(), 1);
        prop_assert!(email.as_str().ends_with(email.domain()) && !email.domain().contains('@'));
    }
}
