//! What all checks look at: the site, and the first answers of it.
//!
//! Recognises Doorward by what its answers say. Must not judge.

use serde_json::Value;

use super::ask::{Answer, Ask};
use super::client::{Client, Place, Unanswered};
use super::probe::Probe;
use super::site::{Guarded, Site};
use crate::domain::host::Origin;

/// A site under examination.
#[derive(Debug)]
pub(super) struct Exam<'c> {
    pub(super) client: &'c Client,
    pub(super) site: Site,
    /// The app's host.
    pub(super) app: Place,
    /// Where the sign-in pages are: the same, or a host that apps share.
    pub(super) sign_in: Place,
    /// Where plain HTTP would be answered, if that can be told.
    pub(super) plain_http: Option<Place>,
    /// A word that no page has for its name.
    pub(super) mark: String,
    /// A page that needs a session.
    pub(super) guarded: Option<Guarded>,
    /// What a browser is told there.
    pub(super) gate: Option<Answer>,
    /// `GET /login/session`.
    pub(super) session: Answer,
    /// The app's own account of what it received.
    pub(super) probe: Option<Probe>,
}

impl Exam<'_> {
    /// Sends a request.
    pub(super) async fn ask(&self, ask: Ask) -> Result<Answer, Unanswered> {
        self.client.send(&ask).await
    }

    /// The path of one of Doorward's pages.
    pub(super) fn page(&self, path: &str) -> String {
        format!("{}{path}", self.site.base_path)
    }

    /// Whether Doorward's pages answer for this host.
    pub(super) fn pages_answer(&self) -> bool {
        code(&self.session).as_deref() == Some("not_signed_in")
    }

    /// Whether Doorward's pages answer, but know no app here.
    pub(super) fn host_is_unknown(&self) -> bool {
        code(&self.session).as_deref() == Some("unknown_host")
    }

    /// The guarded page, if visitors are sent to sign in from there.
    pub(super) fn sent_from(&self) -> Option<(&str, &Answer)> {
        let gate = self.gate.as_ref()?;
        let path = &self.guarded.as_ref()?.path;
        (gate.is_redirect() && self.leads_to_sign_in(gate)).then_some((path, gate))
    }

    /// Whether an answer leads to a sign-in page, whatever may be wrong with the address.
    pub(super) fn leads_to_sign_in(&self, answer: &Answer) -> bool {
        let Some(location) = answer.location() else {
            return false;
        };
        let path = location.split('?').next().unwrap_or_default();
        let page = self.site.sign_in_page();
        let page = page.as_deref().and_then(path_of).unwrap_or("/login");
        path.ends_with(page) || query(location, "rd").is_some()
    }

    /// The id of the app, from the configuration or as Doorward names it.
    pub(super) fn app_id(&self) -> Option<String> {
        if let Some(known) = &self.site.known {
            return Some(known.app.id.to_string());
        }
        let challenge = self.session.header("www-authenticate")?;
        let id = challenge
            .strip_prefix("Doorward realm=\"")?
            .strip_suffix('"')?;
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        (!id.is_empty() && id.chars().all(plain)).then(|| id.to_owned())
    }
}

/// The stable code of a problem that Doorward tells as JSON.
pub(super) fn code(answer: &Answer) -> Option<String> {
    if !answer
        .header("content-type")?
        .starts_with("application/problem+json")
    {
        return None;
    }
    match answer.member("code")? {
        Value::String(code) => Some(code),
        _ => None,
    }
}

/// Whether an answer is one of Doorward's pages, or leads from one to another.
pub(super) fn is_page(answer: &Answer, base_path: &str) -> bool {
    let to_sign_in = format!("{base_path}/login?rd=");
    let onward = answer.status == 303
        && answer
            .location()
            .is_some_and(|location| location.starts_with(&to_sign_in));
    let styled = answer.body.contains("/login/assets/doorward.css");
    // What the proxy passes on of a refusal is Doorward's too, but not one of its pages.
    let refusals = ["login_required", "step_up_required", "forbidden"];
    let told = code(answer).is_some_and(|code| !refusals.contains(&code.as_str()));
    onward || styled || told
}

/// A parameter of the query of a URL.
pub(super) fn query(url: &str, name: &str) -> Option<String> {
    let query = url.split('#').next()?.split_once('?')?.1;
    let found = form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name);
    found.map(|(_, value)| value.into_owned())
}

/// The origin of an absolute URL.
pub(super) fn origin_of(url: &str) -> Option<Origin> {
    let rest = url.find("://")? + 3;
    let end = url.get(rest..)?.find(['/', '?', '#']);
    let end = end.map_or(url.len(), |end| rest + end);
    Origin::parse(url.get(..end)?).ok()
}

/// What stands behind the host in an absolute URL, without query.
pub(super) fn path_of(url: &str) -> Option<&str> {
    let rest = url.get(url.find("://")? + 3..)?;
    let path = rest.get(rest.find(['/', '?', '#'])?..)?;
    let path = path.split(['?', '#']).next()?;
    (!path.is_empty()).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_taken_apart() {
        let url = "https://shop.example.com:8443/login?rd=%2Forders%3Fa&x=1#top";
        assert_eq!(
            origin_of(url).unwrap().to_string(),
            "https://shop.example.com:8443"
        );
        assert_eq!(path_of(url), Some("/login"));
        assert_eq!(query(url, "rd").as_deref(), Some("/orders?a"));
        assert_eq!(query(url, "y"), None);
        assert_eq!(origin_of("/login"), None);
        assert_eq!(path_of("https://shop.example.com"), None);
        assert_eq!(path_of("https://shop.example.com?a=/b"), None);
    }
}
