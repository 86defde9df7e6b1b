//! Runs every case of `sdk/vectors.json`, which the verifiers for Node, Python and Go run too.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what broke by panicking"
)]

use doorward_verify::{
    Binding, Error, Key, KeyError, KeysFileError, Request, RequestError, SAMPLE_KEYS, Verifier,
    parse_keys_file, sign,
};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::time::Duration;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vectors {
    #[serde(rename = "about")]
    _about: String,
    version: String,
    sample_keys: Vec<String>,
    cases: Vec<Case>,
    requests: Vec<RequestCase>,
    keys_files: Vec<KeysFileCase>,
    signatures: Vec<SignatureCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    rule: String,
    app: String,
    keys: Vec<String>,
    binding: String,
    request: Option<Parts>,
    now: u64,
    max_age: u64,
    max_lead: u64,
    headers: Vec<String>,
    user: Option<String>,
    error: Option<String>,
    optional_user: Option<String>,
    optional_error: Option<String>,
    mac_input: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parts {
    scheme: String,
    method: String,
    host: String,
    uri: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestCase {
    name: String,
    scheme: String,
    method: String,
    host: String,
    uri: String,
    canonical: Option<Canonical>,
    error: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Canonical {
    method: String,
    host: String,
    uri: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeysFileCase {
    name: String,
    text: String,
    keys: Option<Vec<String>>,
    error: Option<String>,
    line: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignatureCase {
    name: String,
    key: String,
    app: String,
    subject: String,
    time: u64,
    request: Option<Parts>,
    header: Option<String>,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("../../../sdk/vectors.json")).unwrap()
}

/// The bytes of a byte string: each character stands for one.
fn bytes(text: &str) -> Vec<u8> {
    text.chars()
        .map(|letter| u8::try_from(letter).expect("a byte string has characters up to U+00FF"))
        .collect()
}

/// The same, owned for as long as a [`Request`] borrows from it.
struct PartBytes(String, Vec<u8>, Vec<u8>, Vec<u8>);

impl PartBytes {
    fn of(parts: &Parts) -> Self {
        Self(
            parts.scheme.clone(),
            bytes(&parts.method),
            bytes(&parts.host),
            bytes(&parts.uri),
        )
    }

    fn request(&self) -> Result<Request<'_>, RequestError> {
        Request::new(self.0.parse()?, &self.1, &self.2, &self.3)
    }
}

fn verifier(case: &Case) -> Verifier {
    let binding = match case.binding.as_str() {
        "app" => Binding::App,
        "request" => Binding::Request,
        other => panic!("unknown binding {other}"),
    };
    Verifier::builder(&case.app)
        .keys(case.keys.iter().map(|key| Key::from_hex(key).unwrap()))
        .binding(binding)
        .max_age(Duration::from_secs(case.max_age))
        .max_lead(Duration::from_secs(case.max_lead))
        .build()
        .unwrap()
}

type Outcome = (Option<String>, Option<String>);

fn outcome<T>(result: Result<T, Error>, user: impl Fn(T) -> Option<String>) -> Outcome {
    match result {
        Ok(value) => (user(value), None),
        Err(error) => (None, Some(error.code().to_owned())),
    }
}

#[test]
fn every_case_ends_as_stated() {
    let mut failures = Vec::new();
    for case in vectors().cases {
        let parts = case.request.as_ref().map(PartBytes::of);
        let request = parts.as_ref().map(|parts| parts.request().unwrap());
        let (verifier, headers) = (
            verifier(&case),
            case.headers.iter().map(|value| bytes(value)),
        );
        let user = verifier.user(headers.clone(), request.as_ref(), case.now);
        let optional = verifier.optional_user(headers, request.as_ref(), case.now);
        let user = outcome(user, |user| Some(user.into()));
        let optional = outcome(optional, |user| user.map(Into::into));
        if user != (case.user, case.error) || optional != (case.optional_user, case.optional_error)
        {
            failures.push(format!(
                "{}: {}: {user:?} {optional:?}",
                case.rule, case.name
            ));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn each_rule_has_a_case_for_its_code() {
    let codes: BTreeSet<_> = vectors()
        .cases
        .into_iter()
        .filter_map(|case| case.error)
        .collect();
    let all = [
        "anonymous",
        "expired",
        "fields_extra",
        "fields_missing",
        "future",
        "list",
        "mac",
        "mac_encoding",
        "mac_length",
        "missing",
        "repeated",
        "request",
        "subject",
        "subject_case",
        "time",
    ];
    assert_eq!(codes, all.map(String::from).into());
}

#[test]
fn signing_yields_the_good_headers() {
    let mut signed = 0;
    for case in vectors().cases {
        let Some(input) = case.mac_input else {
            continue;
        };
        let lines: Vec<&str> = input.split('\n').collect();
        let [version, app, subject, time, binding, method, host, uri] = lines[..] else {
            panic!("{}", case.name)
        };
        assert_eq!(
            (version, app),
            ("doorward-identity-v1", case.app.as_str()),
            "{}",
            case.name
        );
        let scheme = case
            .request
            .as_ref()
            .map_or("https", |request| &request.scheme);
        let parts = PartBytes(scheme.to_owned(), bytes(method), bytes(host), bytes(uri));
        let request = (binding == "request").then(|| parts.request().unwrap());
        let header = case.keys.iter().map(|key| {
            sign(
                &Key::from_hex(key).unwrap(),
                app,
                subject,
                time.parse().unwrap(),
                request.as_ref(),
            )
            .unwrap()
        });
        assert!(
            header.into_iter().any(|header| case.headers == [header]),
            "{}",
            case.name
        );
        signed += 1;
    }
    assert!(signed > 20, "only {signed} cases show what was signed");
}

#[test]
fn requests_have_one_canonical_form() {
    for case in vectors().requests {
        let parts = PartBytes(
            case.scheme,
            bytes(&case.method),
            bytes(&case.host),
            bytes(&case.uri),
        );
        match (parts.request(), case.canonical) {
            (Ok(request), Some(canonical)) => {
                assert_eq!(request.method(), canonical.method, "{}", case.name);
                assert_eq!(request.host(), canonical.host, "{}", case.name);
                assert_eq!(request.uri(), bytes(&canonical.uri), "{}", case.name);
            }
            (Err(error), None) => {
                assert_eq!(Some(Error::from(error).code()), case.error.as_deref())
            }
            (outcome, _) => panic!("{}: {outcome:?}", case.name),
        }
    }
}

#[test]
fn keys_files_are_read_alike() {
    for case in vectors().keys_files {
        let name = case.name;
        match parse_keys_file(&case.text) {
            Ok(keys) => {
                let sign = |key: &Key| sign(key, "shop", "u", 1, None).unwrap();
                let expected = case.keys.unwrap_or_else(|| panic!("{name}: was accepted"));
                let expected: Vec<_> = expected
                    .iter()
                    .map(|hex| sign(&Key::from_hex(hex).unwrap()))
                    .collect();
                assert_eq!(
                    keys.iter().map(sign).collect::<Vec<_>>(),
                    expected,
                    "{name}"
                );
            }
            Err(error) => {
                let (code, line) = match error {
                    KeysFileError::NoKeys => ("no_keys", None),
                    KeysFileError::Line {
                        line,
                        error: KeyError::NotHex,
                    } => ("key_hex", Some(line)),
                    KeysFileError::Line {
                        line,
                        error: KeyError::TooShort { .. },
                    } => ("key_short", Some(line)),
                    other => panic!("{name}: {other}"),
                };
                assert_eq!(
                    (Some(code), line),
                    (case.error.as_deref(), case.line),
                    "{name}"
                );
            }
        }
    }
}

#[test]
fn a_signer_refuses_what_no_verifier_takes() {
    for case in vectors().signatures {
        let parts = case.request.as_ref().map(PartBytes::of);
        let request = parts.as_ref().map(|parts| parts.request().unwrap());
        let key = Key::from_hex(&case.key).unwrap();
        let header = sign(&key, &case.app, &case.subject, case.time, request.as_ref());
        assert_eq!(header.ok(), case.header, "{}", case.name);
    }
}

#[test]
fn the_keys_used_are_the_published_samples() {
    let vectors = vectors();
    assert_eq!(vectors.version, "doorward-identity-v1");
    assert_eq!(vectors.sample_keys, SAMPLE_KEYS);
    for case in vectors.cases {
        for key in case.keys {
            assert!(Key::from_hex(&key).unwrap().is_sample(), "{}", case.name);
        }
    }
}
