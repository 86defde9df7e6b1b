//! Questions of a proxy, for tests that look at what they leave behind.

use crate::support::doorward::Doorward;
use crate::support::http::get;

/// Somebody to ask.
pub(super) struct Asked<'d>(&'d Doorward);

impl<'d> Asked<'d> {
    pub(super) fn of(doorward: &'d Doorward) -> Self {
        Self(doorward)
    }

    /// Asks for a path of the app at `localhost` as nginx does; the status.
    pub(super) async fn nginx(&self, path: &str, cookie: &str) -> u16 {
        self.with(&[], path, cookie).await
    }

    /// The same with more headers.
    pub(super) async fn with(&self, more: &[(&str, &str)], path: &str, cookie: &str) -> u16 {
        let original = format!("http://localhost{path}");
        let mut headers = vec![("x-original-method", "GET"), ("x-original-url", &original)];
        if !cookie.is_empty() {
            headers.push(("cookie", cookie));
        }
        let url = format!("{}/verify/nginx", self.0.internal());
        let headers = [&headers, more].concat();
        get(&url, &headers).await.status.as_u16()
    }
}
