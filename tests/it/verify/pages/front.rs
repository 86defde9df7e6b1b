//! A proxy in the test's own process that passes answers on as Traefik does, before one app of each shape.

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::{Html, IntoResponse, Response};
use thirtyfour::By;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::support::chromium::Chromium;
use crate::support::doorward::Doorward;
use crate::support::http::{Answer, post_json, send};
use crate::support::process::eventually;
use crate::verify::world::{World, key_of};
use crate::visitor::credentials;

/// `shared` has its pages at the host `login`, `alone` on its own host. Both are at the proxy's port, which every name
/// below `localhost` leads to.
const TOML: &str = r#"
[server]
base_path = "/auth"

[apps.shared]
hosts = ["shared.suite.localhost:{port}"]
users = "suite"
keys = ["{shared}"]
rules = [{ path = "/never/*", access = "deny" }]

[apps.alone]
hosts = ["alone.localhost:{port}"]
keys = ["{alone}"]
rules = [{ path = "/never/*", access = "deny" }]

[pools.suite]
cookie_domain = "suite.localhost"
login_host = "login.suite.localhost:{port}"
"#;

/// A page of the app's with a form that is sent without a session.
const FORM: &str = "<form method=post action=/x><button>Send</button></form>";

pub(super) struct Front {
    pub(super) world: World,
    port: u16,
    cookies: [String; 2],
    proxy: JoinHandle<()>,
}

/// What the proxy knows.
#[derive(Clone)]
struct Routes {
    public: String,
    internal: String,
}

impl Front {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
        let port = listener.local_addr().expect("bound").port();
        let toml = TOML
            .replace("{port}", &port.to_string())
            .replace("{shared}", &key_of("shared"))
            .replace("{alone}", &key_of("alone"));
        let door = Doorward::builder().toml(&toml).start().await;
        let mut cookies = Vec::new();
        for host in ["shared.suite", "alone"] {
            let host = format!("{host}.localhost:{port}");
            let url = format!("{}/auth/register", door.public());
            let who = credentials("ada@example.com");
            let answer = post_json(&url, &[("host", &host)], &who).await;
            cookies.push(answer.cookie("SESSION").pair());
        }
        let routes = Routes {
            public: door.public().to_owned(),
            internal: door.internal().to_owned(),
        };
        let proxy = Router::new().fallback(pass).with_state(routes);
        let serve = async move { axum::serve(listener, proxy).await.expect("served") };
        Self {
            world: World { door },
            port,
            cookies: cookies.try_into().expect("two"),
            proxy: tokio::spawn(serve),
        }
    }

    /// Where an app, or the `login` pages, are for a browser.
    pub(super) fn origin(&self, name: &str) -> String {
        let below = if name == "alone" { "" } else { ".suite" };
        format!("http://{name}{below}.localhost:{}", self.port)
    }

    /// The session of somebody at an app.
    pub(super) fn cookie(&self, app: &str) -> &str {
        let [shared, alone] = &self.cookies;
        if app == "alone" { alone } else { shared }
    }

    /// The sign-in page with the way back to a path of an app.
    pub(super) fn sign_in(&self, app: &str, path: &str) -> String {
        let (pages, back) = if app == "alone" {
            ("alone", path.to_owned())
        } else {
            ("login", format!("{}{path}", self.origin(app)))
        };
        let query = super::super::verdict::query("rd", &back);
        format!("{}/auth/login?{query}", self.origin(pages))
    }

    /// Makes the browser show the page of that name.
    pub(super) async fn show(&self, browser: &Chromium, app: &str, page: &str) {
        let open = async |path: &str| {
            let url = format!("{}{path}", self.origin(app));
            browser.goto(&url).await.expect("a page");
        };
        match page {
            "forbidden" => open("/never/x").await,
            "interrupted" => {
                open("/form").await;
                let button = browser.find(By::Css("button")).await.expect("a button");
                button.click().await.expect("it is sent");
                eventually("the answer to the form", async || {
                    browser.find(By::Css("h1")).await.ok()
                })
                .await;
            }
            "unavailable" => {
                // Any well-formed value makes Doorward look.
                let script = format!("document.cookie = '{}; path=/'", self.cookie(app));
                open("/form").await;
                browser.execute(&script, vec![]).await.expect("a cookie");
                self.world
                    .alter("ALTER TABLE sessions RENAME TO gone")
                    .await;
                open("/x").await;
                self.world
                    .alter("ALTER TABLE gone RENAME TO sessions")
                    .await;
                let script = "document.cookie = 'SESSION=; path=/; max-age=0'";
                browser.execute(script, vec![]).await.expect("no cookie");
            }
            _ => panic!("no page {page}"),
        }
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.proxy.abort();
    }
}

async fn pass(State(routes): State<Routes>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let method = parts.method.as_str();
    let uri = parts.uri.path_and_query().expect("a path").as_str();
    let host = parts.headers["host"].to_str().expect("ASCII").to_owned();
    let headers: Vec<_> = text(&parts.headers);
    let has_pages = !host.starts_with("shared.");
    if has_pages && uri.starts_with("/auth/login") {
        let url = format!("{}{uri}", routes.public);
        return passed(send(method, &url, &headers, "").await);
    }
    if uri == "/form" {
        return Html(FORM).into_response();
    }
    let asked = [
        ("x-forwarded-method", method),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-host", &host),
        ("x-forwarded-uri", uri),
    ];
    let kept = headers.iter().filter(|(name, _)| *name != "host").copied();
    let headers: Vec<_> = kept.chain(asked).collect();
    let url = format!("{}/verify/traefik", routes.internal);
    passed(send("GET", &url, &headers, "").await)
}

/// The lines of a request that a proxy hands on.
fn text(headers: &HeaderMap) -> Vec<(&str, &str)> {
    let of_the_connection = ["connection", "content-length", "accept-encoding"];
    let lines = headers
        .iter()
        .filter(|(name, _)| !of_the_connection.contains(&name.as_str()));
    lines
        .map(|(name, value)| (name.as_str(), value.to_str().expect("ASCII")))
        .collect()
}

fn passed(answer: Answer) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    response.headers_mut().remove("content-length");
    response
}
