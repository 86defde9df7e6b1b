//! Paths that can be read in several ways, through the proxy's reading and Doorward's.

use super::site::{Front, Protocol, Site};
use crate::support::doorward::Db;
use crate::support::identity::{Binding, check};
use crate::support::proxy::with_replaced;

pub(super) async fn threat_08_no_spelling_of_a_denied_path_reaches_the_app(front: Front) {
    let site = Site::start(front).await;
    let cookie = site.register("reader@example.com").await;
    for path in DENIED {
        let status = site.ask("GET", path, &[("Cookie", &cookie)]).await;
        assert_eq!(status, front.denied_path(path), "{path}");
        site.assert_app_was_not_asked();
    }
    for path in BROKEN {
        let status = site.ask("GET", path, &[("Cookie", &cookie)]).await;
        // Some proxies refuse it themselves; in HTTP/2 that may be a stream that ends without an answer.
        let ended = status == 0 && front.protocol == Protocol::Http2;
        assert!(matches!(status, 400 | 403) || ended, "{path}: {status}");
        site.assert_app_was_not_asked();
    }
    let absolute = site.url("/internal/x");
    for target in [absolute.as_str(), "internal/x", "?/internal/x", "*", ""] {
        let status = site.ask("GET", target, &[("Cookie", &cookie)]).await;
        assert_eq!(status, front.no_path(target), "{target:?}");
        site.assert_app_was_not_asked();
    }
}

pub(super) async fn threat_08_no_public_path_leads_into_the_protected_part(front: Front) {
    let site = Site::start(front).await;
    for path in PROTECTED {
        let status = site.ask("GET", path, &[("Accept", "text/html")]).await;
        assert!(
            status == 302 || status == front.denied_path(path),
            "{path}: {status}"
        );
        site.assert_app_was_not_asked();
    }
}

/// Whatever a proxy makes of a path, it has to show Doorward the same that it shows the app.
pub(super) async fn threat_08_what_is_signed_is_what_the_app_is_asked(front: Front) {
    let bound = ("[apps.shop]\n", "[apps.shop]\nbinding = \"request\"\n");
    let config = with_replaced(&front.doorward_toml(), &[bound]);
    let site = Site::start_with(front, &config, Db::Sqlite).await;
    let cookie = site.register("reader@example.com").await;
    let host = site.authority();
    for (target, is_plain) in AMBIGUOUS {
        for method in ["GET", "POST"] {
            let headers = [("Cookie", cookie.as_str()), ("Content-Length", "0")];
            let status = site.ask(method, target, &headers).await;
            let requests = site.app.take_requests();
            if let [request] = &requests[..] {
                assert_eq!(status, 200, "{target}");
                let asked = Binding::Request {
                    method,
                    host: &host,
                    uri: &request.uri,
                };
                let [(_, value)] = request.identity_lines()[..] else {
                    panic!("{target}: one identity in {request:#?}");
                };
                let told = check(value, site.doorward.key_hex(), "shop", asked);
                assert_eq!(told.map(|told| told.subject.len()), Ok(36), "{target}");
                let same = if front.leaves_escapes_alone() {
                    request.uri == target
                } else {
                    request.uri.eq_ignore_ascii_case(target)
                };
                assert!(!is_plain || same, "{target}: {}", request.uri);
            } else {
                let refused = status == front.denied_path(target);
                assert!(refused && !is_plain, "{target}: {status}, {requests:#?}");
            }
        }
    }
}

/// Broken encodings and control characters, of which nobody can say what they are.
const BROKEN: [&str; 10] = [
    "/internal/%zz",
    "/internal/x%",
    "/internal/x%4",
    "/internal/%u0078",
    "/internal/x%01",
    "/internal/x%0d%0ay",
    "/internal/x%7f",
    "/internal/x%ff",
    "/news/x%/../../internal/x",
    "/%c0%ae%c0%ae/internal/x",
];

/// Paths of which some reading is below `/internal`.
const DENIED: [&str; 43] = [
    "/internal/x",
    "/INTERNAL/x",
    "/Internal%2Fx",
    "/%69nternal/x",
    "/%2569nternal/x",
    "//internal/x",
    "///internal//x",
    "/./internal/x",
    "/%2e/internal/x",
    "/;/internal/x",
    "/\\internal/x",
    "/%2finternal/x",
    "/%5cinternal/x",
    "/news/../internal/x",
    "/news/x/../../internal/x",
    "/news//../../internal/x",
    "/news/%2e%2e/internal/x",
    "/news/.%2e/internal/x",
    "/news/%2E./internal/x",
    "/news/..%2finternal/x",
    "/news/..;/internal/x",
    "/news/..;a=b/internal/x",
    "/news/..%3b/internal/x",
    "/news/..%5cinternal/x",
    "/news/..\\internal/x",
    "/news/%252e%252e/internal/x",
    "/news/..%252finternal/x",
    "/news/..%255cinternal/x",
    "/news;/../internal/x",
    "/internal;a=b/x",
    "/internal%3ba=b/x",
    "/internal%2fx",
    "/internal%2Fx?a",
    "/internal%252fx",
    "/internal\\x",
    "/internal%5cx",
    "/internal/x/",
    "/internal/./x",
    "/internal/x%00",
    "/internal/x%23",
    "/internal/x%3f",
    "/internal//x",
    "/internal/x?/../../news/x",
];

/// Paths of which some reading begins in a public place and another is protected.
const PROTECTED: [&str; 27] = [
    "/orders",
    "/news",
    "/news/../orders",
    "/news/x/../../orders",
    "/news/%2e%2e/orders",
    "/news/.%2e/orders",
    "/news/..%2forders",
    "/news/%2e%2e%2forders",
    "/news/..;/orders",
    "/news/..%3b/orders",
    "/news/..%5corders",
    "/news/..\\orders",
    "/news/%252e%252e/orders",
    "/news/..%252forders",
    "/news//../../orders",
    "/news;/../orders",
    "/news%2f..%2forders",
    "/NEWS/x/%2e%2e/../orders",
    "//orders",
    "/./orders",
    "/%2e/orders",
    "/%2forders",
    "/;/orders",
    "/%5corders",
    "/\\orders",
    "/orders%00",
    "/orders?/../news/x",
];

/// Targets that somebody might rewrite; `true` for those that nobody has a reason to refuse or change.
const AMBIGUOUS: [(&str, bool); 25] = [
    ("/orders", true),
    ("/orders/", true),
    ("/orders?", false),
    ("/orders?a=b&a=c", true),
    ("/orders?q=%2f..%2f&r=a+b%20c", true),
    ("/orders?q=a;b|c\\d", false),
    ("/orders?q=?", true),
    ("/orders/%e2%82%ac", true),
    ("/orders/%E2%82%AC", true),
    ("/orders/a%20b", true),
    ("/orders/a+b", true),
    ("/orders/~reader/@me:1", true),
    ("/orders/a!$&'()*,=b", true),
    ("/orders/%7ereader", false),
    ("/orders/%41", false),
    ("/orders/a%2fb", false),
    ("/orders/a%5cb", false),
    ("/orders/a%252fb", false),
    ("/orders/a;b=c", false),
    ("/orders/a|b^c", false),
    ("/orders//x", false),
    ("/orders/./x", false),
    ("/orders/../orders/x", false),
    ("/orders/x%3fy", false),
    ("/orders/x%23y", false),
];
