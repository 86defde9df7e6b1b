//! What all pages share: where Doorward's URLs begin, the words, and the app the visitor came from.
//!
//! Must not know any single page.

use super::text::Text;
use crate::http::assets;

/// The part of a page's data that every page has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame<'a> {
    /// `server.base_path`: empty, or `/prefix` without a slash at its end.
    pub base: &'a str,
    /// The words, in the language of the page.
    pub text: &'static Text,
    /// The app's host or id, shown on the name plate. Empty where the app is not known.
    pub app_name: &'a str,
}

impl Frame<'_> {
    /// The URL of an embedded asset, with its version, so that an upgrade is seen at once.
    pub(crate) fn asset(&self, name: &str) -> String {
        format!(
            "{}/login/assets/{name}?v={}",
            self.base,
            assets::version(name)
        )
    }

    /// The URL of one of our routes (`/login`, `/register`, …), carrying `rd` unless that is empty.
    pub(crate) fn link(&self, route: &str, return_to: &str) -> String {
        if return_to.is_empty() {
            return format!("{}{route}", self.base);
        }
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("rd", return_to)
            .finish();
        format!("{}{route}?{query}", self.base)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::pages::text::ENGLISH;

    #[test]
    fn links_carry_the_way_back() {
        let frame = Frame {
            base: "/auth",
            text: &ENGLISH,
            app_name: "",
        };
        assert_eq!(frame.link("/login", ""), "/auth/login");
        assert_eq!(
            frame.link("/login", "/a?b=c&d"),
            "/auth/login?rd=%2Fa%3Fb%3Dc%26d"
        );
    }

    #[test]
    fn assets_carry_their_version() {
        let frame = Frame {
            base: "/auth",
            text: &ENGLISH,
            app_name: "",
        };
        let url = frame.asset("doorward.css");
        assert!(
            url.starts_with("/auth/login/assets/doorward.css?v="),
            "{url}"
        );
        assert_eq!(
            url.len(),
            "/auth/login/assets/doorward.css?v=".len() + 12,
            "{url}"
        );
    }
}
