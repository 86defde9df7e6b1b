//! The app's own cookies, which an answer to Traefik gives back: Traefik can replace a header, and not take a cookie out.

use super::case::{Browser, Case};
use super::dialect::{ENDPOINTS, Proxy};
use super::world::World;

const OPEN: &str = "https://shop.example.com/maybe/x";

#[tokio::test]
async fn an_answer_to_traefik_has_the_apps_cookies_and_not_the_sessions() {
    let world = World::start().await;
    let visitor = world.register("shop.example.com", "ada@example.com").await;
    let session = visitor.cookie.as_str();
    let cases = [
        (vec![], vec![]),
        (vec![session], vec![]),
        (vec!["a=1; b=2"], vec!["a=1; b=2"]),
        (
            vec!["a=1", session, "SESSION=x; b=\"Zoë\""],
            vec!["a=1; b=\"Zoë\""],
        ),
        (vec!["__Secure-SESSION=of another pool;c"], vec!["c"]),
    ];
    for (sent, expected) in cases {
        for endpoint in ENDPOINTS {
            let case = Case::get("shop", OPEN).browser(Browser::Navigation);
            let mut request = endpoint.subrequest(&case);
            for line in &sent {
                request = request.with("Cookie", line);
            }
            let reply = world.ask(&request).await;
            assert_eq!(reply.status, 200, "{endpoint:?}: {sent:?}");
            let given = if endpoint.proxy == Proxy::Traefik {
                expected.clone()
            } else {
                vec![]
            };
            assert_eq!(reply.lines("cookie"), given, "{endpoint:?}: {sent:?}");
        }
    }
}

#[tokio::test]
async fn an_answer_that_visitors_see_has_no_cookies() {
    let world = World::start().await;
    for browser in Browser::ALL {
        for endpoint in ENDPOINTS {
            let case = Case::get("shop", "https://shop.example.com/x").browser(browser);
            let request = endpoint.subrequest(&case).with("Cookie", "a=1");
            let reply = world.ask(&request).await;
            assert_ne!(reply.status, 200, "{endpoint:?}");
            assert!(reply.lines("cookie").is_empty(), "{endpoint:?}: {reply:?}");
        }
    }
}
