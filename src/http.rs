//! The two listeners: pages on one, verification and operations on the other.
//!
//! Handlers parse, call one service and render. Must not know SQL, and must not decide who may pass.

pub(crate) mod guard;
pub(crate) mod pages;

mod access_log;
mod account;
mod arrivals;
mod assets;
mod back_channel;
mod cookie;
mod device_cookie;
mod error;
mod extract;
mod forgery;
mod health;
mod internal;
pub(crate) mod limits;
mod login;
mod login_url;
mod logout;
pub(crate) mod metrics;
mod oauth;
mod peer;
mod pipeline;
mod register;
mod remainder;
mod security_headers;
mod seldom;
mod session;
mod site;
mod traces;
mod verify;
mod watch;
mod wire;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{any, get, post};
use opentelemetry_sdk::trace::SdkTracer;

pub(crate) use internal::Internal;
pub(crate) use seldom::Seldom;
pub(crate) use site::{Public, Site};

use crate::domain::app::App;
use crate::domain::client_address::TrustedProxies;
use crate::domain::clock::Clock;
use crate::domain::host::HostEntry;
use crate::domain::random::Random;
use crate::services::Services;

/// What the handlers of both listeners share.
#[derive(Debug)]
pub(crate) struct Door {
    /// The use cases.
    pub services: Services,
    /// What stands before every page's path: empty, or `/prefix`.
    pub base_path: String,
    /// The session cookie's base name.
    pub cookie_name: String,
    /// What monitoring is told.
    pub metrics: metrics::Metrics,
    /// Begins spans, where they are sent anywhere.
    pub tracer: Option<SdkTracer>,
    /// What keeps one client from asking for too much.
    pub limits: limits::Limits,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where request ids come from.
    pub random: Arc<dyn Random>,
    /// Whose forwarded headers count.
    pub trusted: TrustedProxies,
    /// When a line about a store that is down is due.
    pub outage_lines: Seldom,
    /// Set while the process is shutting down.
    pub draining: AtomicBool,
}

/// The state of every handler.
pub(crate) type Shared = Arc<Door>;

impl Door {
    /// What the session cookie of `app` is called at the hosts of `entry`.
    pub(crate) fn session_cookie(&self, app: &App, entry: &HostEntry) -> String {
        cookie::CookieName::of(&self.cookie_name, app, entry).to_string()
    }

    /// Tells load balancers to send no more requests.
    pub(crate) fn drain(&self) {
        self.draining.store(true, Ordering::SeqCst);
    }
}

/// The pages, and nothing else below their paths.
fn pages_of_our_own() -> Router<Shared> {
    let pages = Router::new()
        .route("/login", get(login::page).post(login::submit))
        .route("/login/email", get(login::page).post(login::submit))
        .route("/login/session", get(session::show))
        .route("/login/assets/{name}", get(assets::get))
        .route("/login/{provider}", any(oauth::begin))
        .route("/login/{provider}/callback", any(oauth::callback))
        .route("/logout", get(logout::page).post(logout::submit))
        .route("/logout/{provider}/callback", get(logout::back))
        .route("/logout/{provider}/backchannel", post(back_channel::submit))
        .route("/register", get(register::page).post(register::submit))
        .route(
            "/register/email",
            get(register::page).post(register::submit),
        )
        .route("/account", get(account::page))
        .route("/account/unlink", post(account::unlink))
        .method_not_allowed_fallback(error::method_not_allowed);
    // What is below these is Doorward's too, page or not.
    let nothing = [
        "/login/",
        "/login/{provider}/",
        "/login/{provider}/{*rest}",
        "/logout/",
        "/logout/{provider}",
        "/logout/{provider}/",
        "/logout/{provider}/{*rest}",
        "/register/",
        "/register/{*rest}",
        "/account/",
        "/account/{*rest}",
    ];
    nothing.into_iter().fold(pages, |pages, path| {
        pages.route(path, any(error::not_found))
    })
}

/// Every route of the public listener. `fallback` answers what is not Doorward's own: the gateway, where there is one.
pub(crate) fn public(door: &Shared, fallback: Option<Router>) -> Public {
    let pages = pages_of_our_own();
    let mounted = if door.base_path.is_empty() {
        pages
    } else {
        Router::new().nest(&door.base_path, pages)
    };
    // Verification is never public: not even the name of a path may tell whether it is there.
    let mounted = mounted
        .layer(from_fn(forgery::check))
        .route("/verify", any(error::not_found))
        .route("/verify/{*rest}", any(error::not_found));
    let own = |router: Router<Shared>| {
        router
            .layer(from_fn_with_state(Arc::clone(door), limits::check))
            .layer(from_fn_with_state(Arc::clone(door), pipeline::run))
            .layer(from_fn(wire::refuse_doubtful))
            .with_state(Arc::clone(door))
    };
    let router = match fallback {
        None => own(mounted.fallback(error::not_found)),
        Some(gateway) => {
            let not_ours = gateway
                .layer(from_fn_with_state(Arc::clone(door), guard::admit))
                .layer(from_fn(wire::refuse_doubtful));
            own(mounted).fallback_service(not_ours)
        }
    };
    Public {
        door: Arc::clone(door),
        router,
    }
}

/// Everything on the internal listener.
pub(crate) fn internal(door: &Shared) -> Internal {
    Internal::new(Arc::clone(door))
}
