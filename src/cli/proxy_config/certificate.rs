//! The certificate of an https site.

use std::str::FromStr;

/// Where certbot keeps what it was given.
const CERTBOT: &str = "/etc/letsencrypt/live";

/// The files of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Certificate {
    /// The certificate and its chain, PEM.
    pub(super) chain: String,
    /// Its private key, PEM.
    pub(super) key: String,
    /// Whether the operator named the files.
    pub(super) named: bool,
}

impl Certificate {
    /// The files that the operator named.
    pub(super) fn named(chain: &CertificatePath, key: &CertificatePath) -> Self {
        Self {
            chain: chain.0.clone(),
            key: key.0.clone(),
            named: true,
        }
    }

    /// Where certbot keeps that of `host`.
    pub(super) fn of(host: &str) -> Self {
        let host = host.trim_start_matches("*.");
        Self {
            chain: format!("{CERTBOT}/{host}/fullchain.pem"),
            key: format!("{CERTBOT}/{host}/privkey.pem"),
            named: false,
        }
    }
}

/// A path that every proxy reads as one word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CertificatePath(String);

impl FromStr for CertificatePath {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let fits = |c: char| c.is_alphanumeric() || "/._-+@,~".contains(c);
        if text.is_empty() || text.starts_with('-') || !text.chars().all(fits) {
            return Err("a path of letters, digits and /._-+@,~ is meant".to_owned());
        }
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_word_for_every_proxy() {
        for good in [
            "/etc/ssl/shop.pem",
            "certs/shop-1_2.pem",
            "/schlüssel/a@b.pem",
        ] {
            assert!(good.parse::<CertificatePath>().is_ok(), "{good}");
        }
        for bad in [
            "", "-k", "a b", "a;b", "a\nb", "a\"b", "$a", "{a}", "a#b", "a:b",
        ] {
            assert!(bad.parse::<CertificatePath>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_wildcards_certificate_has_the_name_behind_it() {
        let certificate = Certificate::of("*.example.com");
        assert_eq!(
            certificate.chain,
            "/etc/letsencrypt/live/example.com/fullchain.pem"
        );
    }
}
