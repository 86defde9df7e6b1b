//! Which requests reach Doorward's pages.

use super::Examined;
use super::gate::is_doorwards;
use crate::cli::doctor::ask::{Answer, Ask};
use crate::cli::doctor::exam::{Exam, code, is_page};
use crate::cli::doctor::mend::{Line, Mend};
use crate::cli::doctor::report::{Finding, Topic, Verdict};

pub(super) const HOST: Topic = Topic {
    id: "host",
    title: "Doorward knows this host",
};
pub(super) const PAGES: Topic = Topic {
    id: "pages",
    title: "/login, /logout, /register, /account and all below them are Doorward's",
};
pub(super) const NEIGHBOURS: Topic = Topic {
    id: "neighbours",
    title: "/login.html, /registered and the like are the app's",
};

const OWN: [&str; 4] = ["/login", "/logout", "/register", "/account"];
const NEIGHBOURING: [&str; 4] = ["/login.html", "/logout.html", "/registered", "/accounts"];

pub(super) fn host(exam: &Exam<'_>) -> Verdict {
    if exam.pages_answer() {
        return Verdict::Good;
    }
    if !exam.host_is_unknown() {
        return Verdict::not_checked("Doorward's pages do not answer here");
    }
    let host = exam.sign_in.origin().host();
    let what = format!("Doorward is asked for its pages, but knows no app with the host {host}");
    let why = "Without an app there are no rules and nobody to sign in: everything is refused.";
    let mend =
        Mend::by("Name the host as visitors do, and let the proxy pass it on, port included.")
            .configuration(format!("hosts = [\"{host}\"]"))
            .line(Line::Host);
    Finding::new(what, why, mend)
        .seen(&exam.session, &["content-type"])
        .into()
}

pub(super) async fn pages(exam: &Exam<'_>, in_a_circle: bool) -> Examined {
    let mut missing: Vec<Answer> = Vec::new();
    for page in OWN {
        let exact = exam.page(page);
        let below = format!("{exact}/{}", exam.mark);
        for ask in [
            Ask::navigate(&exam.sign_in, exact),
            Ask::json(&exam.sign_in, below),
        ] {
            let answer = exam.ask(ask).await?;
            if !is_page(&answer, &exam.site.base_path) {
                missing.push(answer);
            }
        }
    }
    let Some(first) = missing.first() else {
        return Ok(Verdict::Good);
    };
    if in_a_circle && missing.iter().all(Answer::is_redirect) {
        return Ok(Verdict::not_checked("the redirects go in a circle"));
    }
    let is_down = missing.iter().all(|answer| answer.status >= 500);
    let (what, mend) = if is_down {
        (
            "Doorward's pages can't be reached from the proxy",
            Mend::by("Start Doorward, and let the proxy know its address.").line(Line::Pages),
        )
    } else {
        (
            "not every page of Doorward is routed to it",
            Mend::by("Route these four and all below them to Doorward's pages.").line(Line::Routes),
        )
    };
    let why = "Visitors who are sent to sign in, to sign out or to register do not find the page.";
    let shown = if missing.len() == 8 { 1 } else { missing.len() };
    let finding = Finding::new(what, why, mend).seen(first, &["content-type", "location"]);
    let more = missing.iter().take(shown).skip(1);
    let finding = more.fold(finding, |finding, answer| {
        finding.seen(answer, &["content-type", "location"])
    });
    Ok(finding.into())
}

pub(super) async fn neighbours(exam: &Exam<'_>) -> Examined {
    if exam.sign_in.origin() != exam.app.origin() {
        return Ok(Verdict::not_checked(
            "Doorward's pages have a host of their own",
        ));
    }
    if is_doorwards(exam) {
        return Ok(Verdict::not_checked("every request is sent to Doorward"));
    }
    for path in NEIGHBOURING {
        let answer = exam.ask(Ask::json(&exam.app, exam.page(path))).await?;
        if code(&answer).as_deref() == Some("not_found") {
            let what = format!("{path} is sent to Doorward, which has no such page");
            let why = "Pages of the app whose names begin alike can't be reached, a sign-in page \
                       of its own among them.";
            let mend = Mend::by("Let the route end where the name ends: at the end or at a slash.")
                .line(Line::Routes);
            return Ok(Finding::new(what, why, mend)
                .seen(&answer, &["content-type"])
                .into());
        }
    }
    Ok(Verdict::Good)
}
