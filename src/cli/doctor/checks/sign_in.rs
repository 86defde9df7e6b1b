//! Where visitors are sent to sign in, and whether they can.

use reqwest::Method;

use super::Examined;
use crate::cli::doctor::ask::{Answer, Ask};
use crate::cli::doctor::exam::{Exam, code, is_page, origin_of, path_of, query};
use crate::cli::doctor::mend::{Line, Mend};
use crate::cli::doctor::report::{Finding, Topic, Verdict};
use crate::domain::host::Scheme;

pub(super) const SCHEME: Topic = Topic {
    id: "scheme",
    title: "Doorward and visitors mean the same scheme",
};
pub(super) const ADDRESS: Topic = Topic {
    id: "sign-in-address",
    title: "The sign-in page is at the host that was asked, and knows the way back",
};
pub(super) const REDIRECTS: Topic = Topic {
    id: "redirects",
    title: "The redirect to sign in ends at the sign-in page",
};
pub(super) const FORM: Topic = Topic {
    id: "sign-in-form",
    title: "The sign-in form is accepted from its own page",
};

/// After so many redirects a browser gives up too.
const MOST_REDIRECTS: usize = 10;

pub(super) fn scheme(exam: &Exam<'_>) -> Verdict {
    let asked = exam.site.origin.scheme();
    let sent = exam.sent_from();
    let told = sent
        .and_then(|(_, gate)| origin_of(gate.location()?))
        .map(|origin| origin.scheme());
    let configured = exam.site.known.as_ref().map(|known| known.entry.scheme());
    let Some(meant) = told.or(configured) else {
        return Verdict::not_checked("no page is known that sends visitors to sign in");
    };
    if meant == asked {
        return Verdict::Good;
    }
    let what = format!("visitors come by {asked}, but Doorward takes this host for one of {meant}");
    let why = match asked {
        Scheme::Https => {
            "The sign-in page is sent to plain HTTP, and the session cookie is neither Secure nor bound to the host."
        }
        Scheme::Http => {
            "The sign-in page is sent to https, where nobody may listen, and browsers refuse a Secure cookie here."
        }
    };
    let mend = Mend::by("Doorward follows the scheme of the matching entry, never what a proxy says: write it there.")
        .configuration(format!("hosts = [\"{}\"]", exam.site.origin));
    let finding = Finding::new(what, why, mend);
    match sent {
        Some((_, gate)) => finding.seen(gate, &["location"]).into(),
        None => finding.into(),
    }
}

pub(super) fn address(exam: &Exam<'_>) -> Verdict {
    let (path, gate) = match super::gate(exam) {
        Ok(sent) => sent,
        Err(verdict) => return verdict,
    };
    let location = gate.location().unwrap_or_default();
    let expected = exam.site.sign_in_page();
    let place = expected
        .clone()
        .unwrap_or_else(|| exam.sign_in.origin().to_string());
    let wrong_place = match &expected {
        Some(page) => location.split('?').next() != Some(page.as_str()),
        None => origin_of(location).as_ref() != Some(exam.sign_in.origin()),
    };
    let shared = exam.sign_in.origin() != exam.app.origin();
    let here = if shared {
        exam.site.origin.to_string()
    } else {
        String::new()
    };
    let back = format!("{here}{path}");
    let returned = query(location, "rd");
    let (what, why) = if wrong_place {
        (
            format!("the sign-in page should be at {place}, and is said to be elsewhere"),
            "Visitors are sent to a host or port where they are not known, or where nobody is.",
        )
    } else if returned.as_deref() != Some(back.as_str()) {
        (
            format!("the way back should be {back}, and is another"),
            "After signing in visitors do not come back to where they were; Doorward was asked about another page \
             than the app would show.",
        )
    } else {
        return Verdict::Good;
    };
    let mend =
        Mend::by("Tell Doorward the host, port and path that the visitor asked for, unchanged.");
    Finding::new(what, why, mend.line(Line::Question))
        .seen(gate, &["location"])
        .into()
}

/// Follows the redirects of a visitor as far as they stay on the hosts of the site.
pub(super) async fn redirects(exam: &Exam<'_>) -> Examined {
    let Some(gate) = exam.gate.as_ref().filter(|gate| gate.is_redirect()) else {
        return Ok(Verdict::not_checked(
            "no page is known that sends visitors to sign in",
        ));
    };
    let mut visited: Vec<String> = Vec::new();
    let mut answer: Answer = gate.clone();
    while let Some(location) = answer.location().filter(|_| answer.is_redirect()) {
        let url = if location.starts_with('/') {
            format!("{}{location}", exam.sign_in.origin())
        } else {
            location.to_owned()
        };
        if visited.contains(&url) || visited.len() >= MOST_REDIRECTS {
            return Ok(looping(&visited, &answer).into());
        }
        let Some(ask) = follow(exam, &url) else {
            return Ok(Verdict::not_checked(format!(
                "a redirect leads to {url}, which is not asked"
            )));
        };
        visited.push(url);
        answer = exam.ask(ask).await?;
    }
    let own_page = exam
        .site
        .known
        .as_ref()
        .is_some_and(|known| known.app.login_page.is_some());
    if is_page(&answer, &exam.site.base_path) || (own_page && answer.is_success()) {
        return Ok(Verdict::Good);
    }
    Ok(Verdict::not_checked(format!(
        "they end at {}",
        answer.shown(&["content-type"])
    )))
}

fn looping(visited: &[String], last: &Answer) -> Finding {
    let what = format!(
        "the redirects go in a circle: {} of them so far",
        visited.len() + 1
    );
    let why = "The browser gives up and shows an error.";
    let mend = Mend::by(
        "Let Doorward's pages be answered by Doorward alone, without a redirect of the proxy before them: none \
         to https that looks at a header which nobody sets, none to another host, none to sign in.",
    );
    Finding::new(what, why, mend.line(Line::Pages)).seen(last, &["location"])
}

fn follow(exam: &Exam<'_>, url: &str) -> Option<Ask> {
    let origin = origin_of(url)?;
    let place = [&exam.sign_in, &exam.app]
        .into_iter()
        .find(|place| *place.origin() == origin)?;
    let path = path_of(url)?;
    let query = url
        .split('#')
        .next()?
        .split_once('?')
        .map(|(_, query)| query);
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    Some(Ask::navigate(place, format!("{path}{query}")))
}

/// Posts an empty form: it is refused for what it lacks, unless it is refused for where it comes from.
pub(super) async fn form(exam: &Exam<'_>) -> Examined {
    if !exam.pages_answer() {
        return Ok(Verdict::not_checked("Doorward's pages do not answer here"));
    }
    let ask = Ask::json(&exam.sign_in, exam.page("/login"))
        .method(Method::POST)
        .with("Content-Type", "application/x-www-form-urlencoded")
        .with("Origin", exam.sign_in.origin().to_string());
    let answer = exam.ask(ask).await?;
    match code(&answer).as_deref() {
        Some("cross_site_request") => {
            let what = "the sign-in form is refused as if it came from another site";
            let why = "Doorward compares the page's Origin with the host that it is told: where they differ, \
                       nobody can sign in.";
            let mend = Mend::by("Pass the host on as visitors write it, port included.");
            Ok(Finding::new(what, why, mend.line(Line::Host))
                .seen(&answer, &["content-type"])
                .into())
        }
        Some(_) if answer.status < 500 => Ok(Verdict::Good),
        _ => Ok(Verdict::not_checked(format!(
            "{} was answered {}",
            answer.asked, answer.status
        ))),
    }
}
