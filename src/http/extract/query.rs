//! The parameters of a request's query.
//!
//! One that stands there twice is as if it did not: of two, no two readers agree which counts (RFC 6749, section 3.1).

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

/// The parameters, in their order.
#[derive(Debug)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    /// The value of a parameter that stands there once.
    pub(crate) fn once(&self, name: &str) -> Option<&str> {
        let mut values = self.0.iter().filter(|(known, _)| known == name);
        match (values.next(), values.next()) {
            (Some((_, value)), None) => Some(value),
            _ => None,
        }
    }

    /// The same, parsed; what can't be is as if it were not there.
    pub(crate) fn parsed<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.once(name)?.parse().ok()
    }
}

impl From<&str> for Query {
    fn from(query: &str) -> Self {
        let pairs = form_urlencoded::parse(query.as_bytes());
        Self(pairs.into_owned().collect())
    }
}

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::from(parts.uri.query().unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_stands_there_once_or_not_at_all() {
        let query = Query::from("state=a%20b&code=1&code=2&empty=&n=5");
        assert_eq!(query.once("state"), Some("a b"));
        assert_eq!(query.once("code"), None);
        assert_eq!(query.once("empty"), Some(""));
        assert_eq!(query.once("iss"), None);
        assert_eq!(query.parsed::<u8>("n"), Some(5));
        assert_eq!(query.parsed::<u8>("state"), None);
    }
}
