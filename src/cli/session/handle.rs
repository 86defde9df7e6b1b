//! How a session is named: by the first digits of its id's hash, so that neither the list nor a shell's history holds
//! anything that opens a session.

use std::fmt;
use std::str::FromStr;

use anyhow::bail;

/// The hex digits that the list shows.
const SHOWN: usize = 12;

/// The beginning of a hash, as hex digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Handle(String);

impl Handle {
    /// The handle that a list shows for a hash.
    pub(super) fn of(hash: &[u8; 32]) -> Self {
        Self(hex::encode(hash).chars().take(SHOWN).collect())
    }

    /// The one hash that begins like this.
    pub(super) fn select(&self, hashes: &[[u8; 32]]) -> anyhow::Result<[u8; 32]> {
        let begins = |hash: &&[u8; 32]| hex::encode(hash).starts_with(&self.0);
        let matching: Vec<_> = hashes.iter().filter(begins).collect();
        match matching.as_slice() {
            [hash] => Ok(**hash),
            [] => bail!("no live session of this user begins with {self}"),
            several => {
                let count = several.len();
                bail!("{count} sessions of this user begin with {self}: write more of the handle")
            }
        }
    }
}

impl FromStr for Handle {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if digits && (1..=64).contains(&text.len()) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err("a handle is hex digits, as `doorward session list` shows them")
        }
    }
}

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(start: [u8; 2]) -> [u8; 32] {
        let mut hash = [7; 32];
        hash[..2].copy_from_slice(&start);
        hash
    }

    fn select(handle: &str) -> Result<[u8; 32], String> {
        let hashes = [hash([0xab, 0xcd]), hash([0xab, 0xce]), hash([0x12, 0])];
        handle
            .parse::<Handle>()
            .unwrap()
            .select(&hashes)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_handle_names_one_session_or_none() {
        assert_eq!(Handle::of(&hash([0xab, 0xcd])).to_string(), "abcd07070707");
        assert_eq!(select("abcd07070707"), Ok(hash([0xab, 0xcd])));
        assert_eq!(select("ABCE"), Ok(hash([0xab, 0xce])));
        assert_eq!(select("1"), Ok(hash([0x12, 0])));
        let several = "2 sessions of this user begin with abc: write more of the handle";
        assert_eq!(select("abc"), Err(several.into()));
        assert_eq!(
            select("ff"),
            Err("no live session of this user begins with ff".into())
        );
    }

    #[test]
    fn a_handle_is_hex_digits() {
        for bad in ["", "xyz", "--all", &"a".repeat(65)] {
            assert!(bad.parse::<Handle>().is_err(), "{bad}");
        }
    }
}
