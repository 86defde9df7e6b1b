//! `[registration]`: who may make an account.

use crate::config::declaration::{Fallback, Field, Section, Shape};
use crate::config::errors::{Read, Wrong};
use crate::config::fields::Fields;
use crate::domain::host::HostName;

/// Who may make an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrationConfig {
    /// Whether anybody may.
    pub mode: RegistrationMode,
    /// The domains an e-mail address may have, in IDNA's ASCII form; all when it is empty.
    pub allowed_domains: Vec<HostName>,
}

/// Who may make an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegistrationMode {
    /// Anybody, on the page.
    Open,
    /// Operators alone, with `doorward user add`.
    Closed,
}

const MODE: Field = Field {
    name: "mode",
    shape: Shape::Text,
    form: "open or closed",
    fallback: Fallback::Value("open"),
    about: "`open` lets anybody make an account; with `closed` only `doorward user add` does.",
};
const ALLOWED_DOMAINS: Field = Field {
    name: "allowed_domains",
    shape: Shape::List,
    form: "domains of e-mail addresses, such as example.com",
    fallback: Fallback::Value(""),
    about: "Only addresses of exactly these domains may register. An empty list allows every domain.",
};

pub(super) const SECTION: Section = Section {
    name: "registration",
    by_id: false,
    about: "Who may make an account.",
    fields: &[MODE, ALLOWED_DOMAINS],
};

impl RegistrationConfig {
    pub(super) fn read(mut fields: Fields<'_>) -> Read<Self> {
        let mode = fields.value(&MODE, |text| match text {
            "open" => Ok(RegistrationMode::Open),
            "closed" => Ok(RegistrationMode::Closed),
            _ => Err(MODE.refuse(text, "is not a mode of registration")),
        });
        let allowed_domains = fields.list(&ALLOWED_DOMAINS, domain);
        Ok(Self {
            mode: mode?,
            allowed_domains: allowed_domains?.unwrap_or_default(),
        })
    }
}

fn domain(text: &str) -> Result<HostName, Wrong> {
    if text.contains('@') {
        return Err(ALLOWED_DOMAINS.refuse(text, "is more than the domain of an address"));
    }
    match HostName::parse(text) {
        Ok(name) if name.ip().is_none() && name.as_str().contains('.') => Ok(name),
        Ok(_) => Err(ALLOWED_DOMAINS.refuse(text, "is not a domain of at least two labels")),
        Err(error) => Err(ALLOWED_DOMAINS.refuse(text, &error.to_string())),
    }
}
