//! `[providers.<id>]`: where people may sign in besides here.

use secrecy::SecretString;
use url::Url;

use crate::config::declaration::{Fallback, Field, Section, Shape};
use crate::config::errors::{Read, Wrong};
use crate::config::fields::Fields;
use crate::config::reader::Reader;
use crate::domain::ids::ProviderId;
use crate::domain::provider::{ProviderKind, is_on_this_machine};

/// Ids that the sign-in pages have for themselves, as in `/login/email`.
const TAKEN: [&str; 7] = [
    "assets", "continue", "email", "jwks", "reset", "session", "token",
];
/// What stands in documentation in the place of a secret.
const SAMPLES: [&str; 6] = [
    "changeme",
    "change-me",
    "client-secret",
    "client_secret",
    "your-client-secret",
    "…",
];

/// A provider of identities.
#[derive(Debug, Clone)]
pub struct ProviderConfig {
    /// How it is asked.
    pub kind: ProviderKind,
    /// What its button says.
    pub name: String,
    /// The issuer as a URL, exactly as the provider calls itself.
    pub issuer: String,
    /// Our id there.
    pub client_id: String,
    /// Our secret there; none for a public client.
    pub client_secret: Option<SecretString>,
    /// What is asked for.
    pub scopes: Vec<String>,
    /// Whether its word counts that an address belongs to an account.
    pub trust_email: bool,
    /// Whether signing out ends the session there too.
    pub sign_out: bool,
}

/// What could be read of a provider.
pub(super) struct Draft {
    pub(super) id: ProviderId,
    config: Read<ProviderConfig>,
}

const KIND: Field = Field {
    name: "kind",
    shape: Shape::Text,
    form: "google, microsoft, github, facebook, x or oidc",
    fallback: Fallback::Required,
    about: "How the provider is asked. `oidc` is every provider that speaks OpenID Connect and can be discovered, such as \
            Keycloak, Authentik, Zitadel and GitLab. See [the page of each](providers/README.md).",
};
const CLIENT_ID: Field = Field {
    name: "client_id",
    shape: Shape::Text,
    form: "the id that the provider gave to this installation",
    fallback: Fallback::Required,
    about: "Who Doorward is there.",
};
const CLIENT_SECRET: Field = Field {
    name: "client_secret",
    shape: Shape::Secret,
    form: "the secret that the provider gave to this installation",
    fallback: Fallback::Stated(
        "none, which makes a public client; only the kinds `oidc` and `x` have those",
    ),
    about: "How Doorward proves it.",
};
const ISSUER: Field = Field {
    name: "issuer",
    shape: Shape::Text,
    form: "an https URL without query, such as https://id.example.com/realms/staff; http for loopback names alone",
    fallback: Fallback::Stated("the provider's own; for `oidc` it is required"),
    about: "Who speaks for the provider, to the letter as it calls itself. For `microsoft` \
            `https://login.microsoftonline.com/<tenant>/v2.0` lets in one tenant alone, for `github` it is the address of a \
            GitHub Enterprise Server.",
};
const NAME: Field = Field {
    name: "name",
    shape: Shape::Text,
    form: "1 to 40 characters",
    fallback: Fallback::Stated("what the kind is called; for `oidc` the id"),
    about: "What people read on the button.",
};
const SCOPES: Field = Field {
    name: "scopes",
    shape: Shape::List,
    form: "scopes, such as openid and email",
    fallback: Fallback::Stated("what Doorward needs of the kind"),
    about: "What is asked for, in place of the default.",
};
const TRUST_EMAIL: Field = Field {
    name: "trust_email",
    shape: Shape::Flag,
    form: "true or false",
    fallback: Fallback::Stated(
        "true for `google` and `github` at their own issuers, otherwise false",
    ),
    about: "Whether it counts when the provider says that an address belongs to an account. An address that counts finds the \
            account that has it; its owner is asked to prove it once. Say true only where nobody can give an account \
            there an address of somebody else.",
};
const SIGN_OUT: Field = Field {
    name: "sign_out",
    shape: Shape::Flag,
    form: "true or false",
    fallback: Fallback::Value("false"),
    about: "Whether signing out here ends the session at the provider too, for providers of OpenID Connect that offer it.",
};

pub(super) const SECTION: Section = Section {
    name: "providers",
    by_id: true,
    about: "One section for each provider at which people may sign in. The id has 1 to 32 of `a-z`, `0-9` and `-`, and is \
            part of its addresses: `/login/<id>` begins a sign-in, and `/login/<id>/callback` at each host of an app is \
            what the provider has to know as redirect URI. Every pool offers every provider unless it names some.",
    fields: &[
        KIND,
        CLIENT_ID,
        CLIENT_SECRET,
        ISSUER,
        NAME,
        SCOPES,
        TRUST_EMAIL,
        SIGN_OUT,
    ],
};

impl Draft {
    /// The provider, where nothing is wrong with it.
    pub(super) fn finish(self) -> Read<(ProviderId, ProviderConfig)> {
        Ok((self.id, self.config?))
    }
}

/// Reads all providers.
pub(super) fn read(reader: &mut Reader) -> Vec<Draft> {
    let ids = reader.ids(&SECTION);
    let mut drafts = Vec::new();
    for id in ids.good {
        if TAKEN.contains(&id.as_str()) {
            let problem = format!("the id is taken: /login/{id} is a page of Doorward's own");
            let wrong = Wrong::new(problem, format!("write [providers.my-{id}]"));
            reader.problems.add(format!("providers.{id}"), wrong);
        }
        // The reader has refused what is no id.
        if let Ok(provider) = id.parse() {
            let config = read_one(reader.section_by_id(&SECTION, &id), &id);
            drafts.push(Draft {
                id: provider,
                config,
            });
        }
    }
    drafts
}

fn read_one(mut fields: Fields<'_>, id: &str) -> Read<ProviderConfig> {
    let kind = fields.value(&KIND, |text| {
        let kind = text.parse::<ProviderKind>();
        kind.map_err(|error| KIND.refuse(text, &error.to_string()))
    });
    let client_id = fields.value(&CLIENT_ID, client_id);
    let client_secret = fields.secret(&CLIENT_SECRET, client_secret);
    let issuer = fields.optional(&ISSUER, issuer);
    let name = fields.optional(&NAME, name);
    let scopes = fields.list(&SCOPES, scope);
    let trust_email = fields.flag(&TRUST_EMAIL);
    let sign_out = fields.flag(&SIGN_OUT);
    let facts = kind?.facts();
    let kind = kind?;
    let issuer = match (issuer?, facts.issuer) {
        (Some(issuer), _) => Ok(issuer),
        (None, Some(own)) => Ok(own.to_owned()),
        (None, None) => Err(fields.missing(&ISSUER)),
    };
    // What holds for the provider itself need not hold for a server of somebody's own.
    let own_installation = issuer
        .as_deref()
        .is_ok_and(|issuer| Some(issuer) == facts.issuer);
    let client_secret = client_secret?;
    let client_secret = match client_secret {
        None if !facts.public_clients => Err(fields.missing(&CLIENT_SECRET)),
        secret => Ok(secret),
    };
    let own_name = || facts.name.unwrap_or(id).to_owned();
    let scopes = scopes?.filter(|scopes| !scopes.is_empty());
    let own_scopes = || {
        facts
            .scopes
            .iter()
            .map(|scope| (*scope).to_owned())
            .collect()
    };
    Ok(ProviderConfig {
        kind,
        name: name?.unwrap_or_else(own_name),
        issuer: issuer?,
        client_id: client_id?,
        client_secret: client_secret?,
        scopes: scopes.unwrap_or_else(own_scopes),
        trust_email: trust_email?.unwrap_or(facts.trust_email && own_installation),
        sign_out: sign_out?.unwrap_or_default(),
    })
}

fn client_id(text: &str) -> Result<String, Wrong> {
    let visible = text.chars().all(|c| c.is_ascii_graphic() || c == ' ');
    if visible && (1..=255).contains(&text.len()) && text.trim() == text {
        Ok(text.to_owned())
    } else {
        Err(CLIENT_ID.refuse(
            text,
            "is not an id: it has 1 to 255 visible ASCII characters",
        ))
    }
}

/// The provider chose it, so nothing is said of its strength; but no sample is one.
fn client_secret(text: &str) -> Result<SecretString, Wrong> {
    let remedy = "copy it from the provider";
    if text.is_empty() {
        return Err(Wrong::new("is empty", remedy));
    }
    if text.trim() != text || text.chars().any(char::is_control) {
        return Err(Wrong::new(
            "has spaces around it, or a line break in it",
            remedy,
        ));
    }
    if SAMPLES.contains(&text.to_ascii_lowercase().as_str()) {
        return Err(Wrong::new("is a sample, and no secret", remedy));
    }
    Ok(SecretString::from(text))
}

fn issuer(text: &str) -> Result<String, Wrong> {
    let url = Url::parse(text).map_err(|_| ISSUER.refuse(text, "is not a URL"))?;
    let bare = url.query().is_none() && url.fragment().is_none();
    if !bare || !url.username().is_empty() || url.password().is_some() {
        return Err(ISSUER.refuse(text, "is more than a URL with a path"));
    }
    // The provider repeats it to the letter, which a URL that is rewritten when it is read can't be.
    if url.as_str() != text && url.as_str().strip_suffix('/') != Some(text) {
        return Err(ISSUER.refuse(text, &format!("is not written in the usual way, as {url}")));
    }
    match url.scheme() {
        "https" => Ok(text.to_owned()),
        "http" if is_on_this_machine(&url) => Ok(text.to_owned()),
        "http" => Err(ISSUER.refuse(text, "is not https")),
        _ => Err(ISSUER.refuse(text, "is not an https URL")),
    }
}

fn name(text: &str) -> Result<String, Wrong> {
    let text = text.trim();
    if (1..=40).contains(&text.chars().count()) && !text.chars().any(char::is_control) {
        Ok(text.to_owned())
    } else {
        Err(NAME.refuse(text, "is empty, too long, or has a control character"))
    }
}

/// RFC 6749, section 3.3.
fn scope(text: &str) -> Result<String, Wrong> {
    let token = |c: char| c.is_ascii_graphic() && c != '"' && c != '\\';
    if !text.is_empty() && text.chars().all(token) {
        Ok(text.to_owned())
    } else {
        Err(SCOPES.refuse(text, "is not a scope"))
    }
}
