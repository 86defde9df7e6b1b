//! Keys that somebody may know or guess: published samples, patterns, words.
//!
//! A key out of a random generator passes with a chance that can't be told from certainty.

use doorward_verify::Key;

/// Fewer different bytes than this in 32 is no accident.
const MIN_DISTINCT: usize = 8;

/// Why a key is refused, if it is.
pub(super) fn weakness(bytes: &[u8]) -> Option<&'static str> {
    // HMAC fills a short key up with zeros, so a sample with zeros behind it is the same key.
    if Key::from_bytes(bytes).is_ok_and(|key| key.is_sample()) {
        return Some("is a sample key that everybody can read");
    }
    if distinct(bytes) < MIN_DISTINCT {
        return Some("holds too few different bytes to be random");
    }
    if counts(bytes) {
        return Some("counts up or down in equal steps");
    }
    if repeats(bytes) {
        return Some("repeats a shorter pattern");
    }
    let readable = |byte: &u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
    bytes
        .iter()
        .all(readable)
        .then_some("is readable text, not random bytes")
}

fn distinct(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .collect::<std::collections::BTreeSet<_>>()
        .len()
}

/// Whether each byte differs from the one before it by the same amount.
fn counts(bytes: &[u8]) -> bool {
    let steps = || {
        bytes
            .iter()
            .zip(bytes.iter().skip(1))
            .map(|(a, b)| b.wrapping_sub(*a))
    };
    steps().all(|step| Some(step) == steps().next())
}

/// Whether the bytes are a pattern of at most half their length, over and over.
fn repeats(bytes: &[u8]) -> bool {
    let period = |length: usize| {
        bytes
            .iter()
            .zip(bytes.iter().skip(length))
            .all(|(a, b)| a == b)
    };
    (1..=bytes.len() / 2).any(period)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threat_12_guessable_keys_are_refused() {
        let patterns: [(Vec<u8>, &str); 8] = [
            (vec![0; 32], "different"),
            ([1, 2, 3, 4, 5, 6, 7].repeat(5), "different"),
            ((1..33).collect(), "counts"),
            ((0..32).rev().collect(), "counts"),
            ((0..40).map(|n: u8| n.wrapping_mul(17)).collect(), "counts"),
            (
                hex::decode("0123456789abcdef".repeat(4)).unwrap(),
                "repeats",
            ),
            (
                hex::decode("9b1f6c0e54d7a3828e0c41f7b6d925ea".repeat(2)).unwrap(),
                "repeats",
            ),
            (b"changeme, this is my secret key!!".to_vec(), "readable"),
        ];
        for (bytes, reason) in patterns {
            assert!(
                weakness(&bytes).is_some_and(|why| why.contains(reason)),
                "{reason}: {bytes:?}"
            );
        }
        assert!(weakness(&hex::decode("deadbeef".repeat(8)).unwrap()).is_some());
    }

    #[test]
    fn threat_12_the_keys_of_the_test_vectors_are_refused() {
        let vectors: serde_json::Value =
            serde_json::from_str(include_str!("../../../sdk/vectors.json")).unwrap();
        let samples = vectors["sample_keys"].as_array().unwrap();
        assert!(!samples.is_empty());
        for sample in samples {
            let bytes = hex::decode(sample.as_str().unwrap()).unwrap();
            assert!(
                weakness(&bytes).is_some_and(|why| why.contains("sample")),
                "{sample}"
            );
            let filled = [bytes.as_slice(), &[0, 0]].concat();
            assert_eq!(
                weakness(&filled).is_some(),
                filled.len() <= 64,
                "{sample} with zeros"
            );
        }
    }

    #[test]
    fn random_keys_pass() {
        use crate::domain::random::{SystemRandom, bytes};
        for _ in 0..1000 {
            assert_eq!(weakness(&bytes::<32>(&SystemRandom).unwrap()), None);
        }
    }
}
