//! What a visitor asks for, as data.

/// Who asks, as far as request headers tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Browser {
    /// A browser that shows the answer.
    Navigation,
    /// A script's `fetch` or `XMLHttpRequest`.
    Script,
    /// A page inside another.
    Frame,
    /// The handshake of a WebSocket.
    WebSocket,
    /// An image, a style sheet: what a page embeds.
    Embedded,
    /// A browser too old for `Sec-Fetch-…`, or one on plain http.
    Legacy,
    /// A script in such a browser.
    LegacyScript,
    /// A program that says nothing of itself.
    Program,
}

impl Browser {
    pub(crate) const ALL: [Self; 8] = [
        Self::Navigation,
        Self::Script,
        Self::Frame,
        Self::WebSocket,
        Self::Embedded,
        Self::Legacy,
        Self::LegacyScript,
        Self::Program,
    ];

    pub(crate) fn headers(self) -> &'static [(&'static str, &'static str)] {
        const HTML: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        match self {
            Self::Navigation => &[
                ("Accept", HTML),
                ("Sec-Fetch-Mode", "navigate"),
                ("Sec-Fetch-Dest", "document"),
                ("Sec-Fetch-Site", "none"),
            ],
            // jQuery's `.load()` and htmx ask for HTML, and still can't show a sign-in page.
            Self::Script => &[
                ("Accept", "text/html, */*"),
                ("X-Requested-With", "XMLHttpRequest"),
                ("Sec-Fetch-Mode", "cors"),
                ("Sec-Fetch-Dest", "empty"),
                ("Sec-Fetch-Site", "same-origin"),
            ],
            Self::Frame => &[
                ("Accept", HTML),
                ("Sec-Fetch-Mode", "navigate"),
                ("Sec-Fetch-Dest", "iframe"),
                ("Sec-Fetch-Site", "same-origin"),
            ],
            Self::WebSocket => &[
                ("Accept", "*/*"),
                ("Sec-Fetch-Mode", "websocket"),
                ("Sec-Fetch-Dest", "websocket"),
                ("Upgrade", "websocket"),
                ("Sec-WebSocket-Version", "13"),
                ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
            ],
            Self::Embedded => &[
                ("Accept", "image/avif,image/webp,*/*;q=0.8"),
                ("Sec-Fetch-Mode", "no-cors"),
                ("Sec-Fetch-Dest", "image"),
            ],
            Self::Legacy => &[("Accept", HTML)],
            Self::LegacyScript => &[("Accept", "application/json")],
            Self::Program => &[],
        }
    }

    /// Whether the visitor sees the answer as a page of its own.
    pub(crate) fn shows_answer(self) -> bool {
        matches!(self, Self::Navigation | Self::Legacy)
    }
}

/// A visitor's request.
#[derive(Debug, Clone)]
pub(crate) struct Case<'a> {
    /// The app that it is for: pinned endpoints name it.
    pub(crate) app: &'a str,
    pub(crate) method: &'a str,
    /// Absolute, and byte for byte what the proxy got; the scheme is what the proxy reports.
    pub(crate) url: &'a str,
    pub(crate) browser: Browser,
    /// Header lines besides those of the browser.
    pub(crate) headers: Vec<(&'a str, String)>,
}

impl<'a> Case<'a> {
    /// A browser's navigation.
    pub(crate) fn get(app: &'a str, url: &'a str) -> Self {
        Self {
            app,
            method: "GET",
            url,
            browser: Browser::Navigation,
            headers: Vec::new(),
        }
    }

    pub(crate) fn method(self, method: &'a str) -> Self {
        Self { method, ..self }
    }

    pub(crate) fn browser(self, browser: Browser) -> Self {
        Self { browser, ..self }
    }

    /// One more `Cookie` line.
    pub(crate) fn cookie(self, pairs: impl Into<String>) -> Self {
        self.header("Cookie", pairs)
    }

    pub(crate) fn header(mut self, name: &'a str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Scheme, host with port, and path with query.
    pub(crate) fn parts(&self) -> (&'a str, &'a str, &'a str) {
        let (scheme, rest) = self.url.split_once("://").expect("an absolute URL");
        let slash = rest.find('/').expect("a path");
        let (host, uri) = rest.split_at(slash);
        (scheme, host, uri)
    }
}
