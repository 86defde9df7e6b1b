//! Keys that somebody may know or guess: published samples, patterns, words.
//!
//! A key out of a random generator passes with a chance that can't be told from certainty.

/// Keys that stand in documents, examples and test vectors, as hexadecimal digits. Everybody knows them.
pub(super) const SAMPLE_KEYS: &[&str] = &[
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
    "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f",
    "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f",
    "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
    "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
];

/// Fewer different bytes than this in 32 is no accident.
const MIN_DISTINCT: usize = 8;

/// Why a key is refused, if it is.
pub(super) fn weakness(bytes: &[u8]) -> Option<&'static str> {
    let sample = hex::encode(bytes);
    if SAMPLE_KEYS.contains(&sample.as_str()) {
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
