//! What somebody without a session is told at a page that needs one.

use reqwest::Method;

use super::{Examined, NOBODYS_HOST};
use crate::cli::doctor::ask::{Answer, Ask};
use crate::cli::doctor::exam::{Exam, is_page};
use crate::cli::doctor::mend::{Line, Mend};
use crate::cli::doctor::report::{Finding, Topic, Verdict};
use crate::domain::access::Access;

pub(super) const PROTECTED: Topic = Topic {
    id: "protected",
    title: "A page that needs a session sends visitors to sign in",
};
pub(super) const OUTAGE: Topic = Topic {
    id: "outage",
    title: "An outage of Doorward is shown as 503",
};
pub(super) const REFUSALS: Topic = Topic {
    id: "refusals",
    title: "Scripts, forms, frames and WebSockets are told 401, without a redirect",
};

/// A key for the handshake of a WebSocket; any 16 bytes do.
pub(super) const SOCKET_KEY: &str = "ZG9vcndhcmQtZG9jdG9yIQ==";

pub(super) fn protected(exam: &Exam<'_>, in_a_circle: bool) -> Verdict {
    let (Some(guarded), Some(gate)) = (&exam.guarded, &exam.gate) else {
        return Verdict::not_checked("the rules of the app ask for a session nowhere");
    };
    if exam.sent_from().is_some() {
        return Verdict::Good;
    }
    if in_a_circle {
        return Verdict::not_checked("the redirects go in a circle");
    }
    if exam.host_is_unknown() {
        return Verdict::not_checked("Doorward does not know this host");
    }
    if is_outage(exam, gate) {
        return Verdict::not_checked("Doorward does not answer");
    }
    if !guarded.certain {
        return Verdict::not_checked(format!(
            "no page is known that needs a session: name one, as in doorward doctor {}/orders",
            exam.site.origin
        ));
    }
    let (what, why, mend) = if is_doorwards(exam) {
        doorwards_alone()
    } else {
        shut(gate)
    };
    Finding::new(what, why, mend)
        .seen(gate, &["location", "content-type"])
        .into()
}

/// The app's own pages lead to Doorward's listener, which has none of them.
fn doorwards_alone() -> (String, &'static str, Mend) {
    (
        "every request is sent to Doorward's pages, those for the app too".to_owned(),
        "Doorward has no page of the app: visitors find nothing.",
        Mend::by(
            "Route only these four and what is below them to Doorward, and the rest to the app.",
        )
        .line(Line::Routes),
    )
}

/// What went wrong at a page that needs a session.
fn shut(gate: &Answer) -> (String, &'static str, Mend) {
    let nobody_enters = "Nobody gets in, not even people who could sign in.";
    match gate.status {
        401 => (
            "visitors are shown a bare 401 and not the sign-in page".to_owned(),
            "A visitor sees an error and no way to sign in.",
            Mend::by(
                "Turn Doorward's 401 into a redirect where it names a Location, and nowhere else; \
                 and see that the verify path names the right app.",
            )
            .line(Line::SignIn),
        ),
        403 => (
            "Doorward refuses the proxy's question with 403".to_owned(),
            nobody_enters,
            Mend::by(
                "Let the proxy say what is asked for, about an app that has this host, from an address in \
                 server.trusted_proxies. Doorward's log says which of these it is.",
            )
            .line(Line::Question),
        ),
        status @ 500..=599 => (
            format!("the proxy's question to Doorward ends in {status}"),
            nobody_enters,
            Mend::by(
                "Doorward's pages answer, so it runs: let the proxy ask at the address and the path of its \
                 internal listener.",
            )
            .line(Line::Internal),
        ),
        300..=399 => (
            "visitors are sent somewhere else than to sign in".to_owned(),
            "Who should sign in lands on another page.",
            Mend::by("Send visitors where Doorward's Location says.").line(Line::SignIn),
        ),
        _ => (
            "a page that needs a session opens without one".to_owned(),
            "Anybody can see it: the app is not protected.",
            Mend::by("Let the proxy ask Doorward about every request.").line(Line::Ask),
        ),
    }
}

/// Whether requests for the app are answered by Doorward's own pages.
pub(super) fn is_doorwards(exam: &Exam<'_>) -> bool {
    let is_page = |gate: &Answer| is_page(gate, &exam.site.base_path) && gate.status == 404;
    exam.gate.as_ref().is_some_and(is_page)
}

/// Whether a page that needs a session opens without one.
pub(super) fn is_open(exam: &Exam<'_>) -> bool {
    let certain = exam.guarded.as_ref().is_some_and(|guarded| guarded.certain);
    let opens = |gate: &Answer| gate.is_success() || matches!(gate.status, 404 | 405);
    certain && exam.gate.as_ref().is_some_and(opens)
}

/// Whether neither pages nor verification answer.
fn is_outage(exam: &Exam<'_>, gate: &Answer) -> bool {
    exam.session.status >= 500 && (gate.status >= 500 || matches!(gate.status, 401 | 403))
}

pub(super) fn outage(exam: &Exam<'_>) -> Verdict {
    match &exam.gate {
        Some(gate) if is_outage(exam, gate) && gate.status == 503 => Verdict::Good,
        Some(gate) if is_outage(exam, gate) => {
            let what = format!("an outage of Doorward is shown as {}", gate.status);
            let why = "503 means come back later; anything else tells visitors, monitors and search engines \
                       something that is not so.";
            let mend =
                Mend::by("Show a 5xx of Doorward, and its absence, as 503.").line(Line::Answer);
            Finding::new(what, why, mend)
                .seen(gate, &["location"])
                .into()
        }
        _ if exam.pages_answer() => {
            Verdict::not_checked("Doorward is there; look again while it is stopped")
        }
        _ => Verdict::not_checked("it can be seen only while Doorward is stopped"),
    }
}

pub(super) async fn refusals(exam: &Exam<'_>) -> Examined {
    let path = match super::gate(exam) {
        Ok((path, _)) => path,
        Err(verdict) => return Ok(verdict),
    };
    for (what, ask) in unshowable(exam, path) {
        if !needs_session(exam, ask.method.as_str(), path) {
            continue;
        }
        let answer = exam.ask(ask).await?;
        if let Some(finding) = not_401(&answer, what) {
            return Ok(finding.into());
        }
    }
    Ok(Verdict::Good)
}

/// Requests whose answer no browser shows as a page.
fn unshowable(exam: &Exam<'_>, path: &str) -> [(&'static str, Ask); 6] {
    let get = || Ask::get(&exam.app, path);
    [
        (
            "a script's request",
            get()
                .with("Accept", "*/*")
                .with("Sec-Fetch-Mode", "cors")
                .with("Sec-Fetch-Dest", "empty"),
        ),
        (
            "a program's request",
            get().with("Accept", "application/json"),
        ),
        (
            "a frame's request",
            get()
                .with("Accept", "text/html")
                .with("Sec-Fetch-Mode", "navigate")
                .with("Sec-Fetch-Dest", "iframe"),
        ),
        (
            "a WebSocket's request",
            get()
                .with("Connection", "Upgrade")
                .with("Upgrade", "websocket")
                .with("Sec-WebSocket-Version", "13")
                .with("Sec-WebSocket-Key", SOCKET_KEY),
        ),
        (
            "a form that is posted",
            Ask::navigate(&exam.app, path)
                .method(Method::POST)
                .with("Content-Type", "application/x-www-form-urlencoded"),
        ),
        (
            "a preflight",
            get()
                .method(Method::OPTIONS)
                .with("Origin", format!("https://{NOBODYS_HOST}"))
                .with("Access-Control-Request-Method", "GET"),
        ),
    ]
}

/// Where the rules are not known, what holds for GET is taken to hold.
fn needs_session(exam: &Exam<'_>, method: &str, path: &str) -> bool {
    let access = exam.site.access_of(method, path);
    access.is_none_or(|access| access == Access::User)
}

fn not_401(answer: &Answer, asked: &str) -> Option<Finding> {
    if answer.status == 401 && answer.location().is_none() {
        return None;
    }
    let what = if answer.is_redirect() {
        format!("{asked} is redirected and not told 401")
    } else {
        format!("{asked} is told {} and not a plain 401", answer.status)
    };
    let why = "A script takes the sign-in page for data, a form loses what was typed, a frame or a WebSocket fails \
               without saying why.";
    let mend =
        Mend::by("Redirect only where Doorward names a Location; otherwise pass its 401 on.");
    Some(Finding::new(what, why, mend.line(Line::SignIn)).seen(answer, &["location"]))
}
