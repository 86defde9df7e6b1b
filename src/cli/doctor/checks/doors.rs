//! Ways around a rule, under another name, and out of the app.

use super::gate::is_open;
use super::{Examined, NOBODYS_HOST};
use crate::cli::doctor::X_USER_ID;
use crate::cli::doctor::ask::Ask;
use crate::cli::doctor::exam::{Exam, is_page, origin_of};
use crate::cli::doctor::mend::{Line, Mend};
use crate::cli::doctor::probe::{Probe, Seen};
use crate::cli::doctor::report::{Finding, Topic, Verdict};

pub(super) const PATHS: Topic = Topic {
    id: "paths",
    title: "No other spelling of a path gets around its rule",
};
pub(super) const OTHER_HOSTS: Topic = Topic {
    id: "other-hosts",
    title: "The app answers to its own hosts alone",
};
pub(super) const LEAKS: Topic = Topic {
    id: "leaks",
    title: "No answer shows an X-UserId to the visitor",
};

pub(super) async fn paths(exam: &Exam<'_>) -> Examined {
    if is_open(exam) {
        return Ok(Verdict::not_checked("the proxy does not ask Doorward"));
    }
    let guarded = exam.sent_from().map(|(path, _)| path.to_owned());
    let Some(path) = exam.site.strict(&exam.mark).or(guarded) else {
        return Ok(Verdict::not_checked(
            "no page is known that needs a session",
        ));
    };
    for spelling in spellings(&path, &exam.page("/login")) {
        // What Doorward itself would let pass is no way around it.
        if exam.site.access(&spelling) < exam.site.access(&path) {
            continue;
        }
        let answer = exam.ask(Ask::navigate(&exam.app, &*spelling)).await?;
        let passed = answer.is_success() || matches!(answer.status, 404 | 405);
        if !passed || is_page(&answer, &exam.site.base_path) {
            continue;
        }
        let what = format!("{path} is guarded, but its spelling {spelling} passes");
        let why = "An app that reads the path differently from what was judged shows the page to anybody.";
        let mend =
            Mend::by("Show Doorward the path as the client wrote it, and ask about every request.");
        return Ok(Finding::new(what, why, mend.line(Line::Question))
            .seen(&answer, &["location"])
            .into());
    }
    Ok(Verdict::Good)
}

/// Other ways to write a path that some server reads as the same.
fn spellings(path: &str, public: &str) -> Vec<String> {
    let rest = path.trim_start_matches('/');
    let mut signs = rest.chars();
    let first = signs
        .next()
        .map(|first| format!("%{:02x}", u32::from(first)));
    let encoded = format!("/{}{}", first.unwrap_or_default(), signs.as_str());
    let mut spellings = vec![
        encoded,
        format!("//{rest}"),
        format!("/{}", rest.to_ascii_uppercase()),
        format!("/doorward-doctor/..;/{rest}"),
        format!("/doorward-doctor/..%2f{rest}"),
        format!("{public}/..;/{rest}"),
        format!("{public}/..%2f..%2f{rest}"),
        format!("/{rest};doorward-doctor"),
        format!("/{rest}%2f"),
    ];
    if let Some((folder, below)) = rest.split_once('/') {
        spellings.push(format!("/{folder}%2f{below}"));
        spellings.push(format!("/{folder};doorward-doctor/{below}"));
    }
    spellings
}

pub(super) async fn other_hosts(exam: &Exam<'_>) -> Examined {
    let why = "Another site's name in front of your app: links and mails point there, and its sessions are yours.";
    let mend = || {
        let words =
            "Tell Doorward the host that was asked for: it refuses all that are not the app's.";
        Mend::by(words).line(Line::Question)
    };
    if is_open(exam) {
        return Ok(Verdict::not_checked("the proxy does not ask Doorward"));
    }
    let mut sent = false;
    if let Some((path, _)) = exam.sent_from() {
        sent = true;
        let answer = exam
            .ask(Ask::navigate(&exam.app, path).host(NOBODYS_HOST))
            .await?;
        let there = answer.location().and_then(origin_of);
        if there.is_some_and(|origin| origin.name().as_str() == NOBODYS_HOST) {
            let what = "visitors of a host that is not the app's are sent to sign in there";
            return Ok(Finding::new(what, why, mend())
                .seen(&answer, &["location"])
                .into());
        }
    }
    if let Err(hidden) = super::plain(exam) {
        return Ok(if sent { Verdict::Good } else { hidden });
    }
    let path = exam.probe.as_ref().map_or("/", |probe| probe.path.as_str());
    let answer = exam
        .ask(Probe::ask(&exam.app, path).host(NOBODYS_HOST))
        .await?;
    if Seen::read(answer.clone()).is_err() {
        return Ok(Verdict::Good);
    }
    let what = "the app answers to a host that is not its own";
    Ok(Finding::new(what, why, mend()).seen(&answer, &[]).into())
}

/// Looks through every answer so far.
pub(super) fn leaks(exam: &Exam<'_>) -> Verdict {
    let strays = exam.client.strays();
    let Some(stray) = strays.first() else {
        return Verdict::Good;
    };
    let what = "an answer shows an X-UserId to the visitor";
    let why = "It is a proof of who somebody is, for a minute: scripts of the page and everybody who sees the answer \
               can use it against the app.";
    let mend = Mend::by(
        "Add X-UserId to the request for the app alone, never to an answer; in nginx that is proxy_set_header and not \
         add_header.",
    );
    Finding::new(what, why, mend.line(Line::Identity))
        .seen(stray, &[X_USER_ID])
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_many_spellings() {
        let spellings = spellings("/internal/x", "/login");
        for expected in [
            "/%69nternal/x",
            "//internal/x",
            "/INTERNAL/X",
            "/internal%2fx",
            "/login/..;/internal/x",
        ] {
            assert!(
                spellings.iter().any(|spelling| spelling == expected),
                "{expected}"
            );
        }
    }
}
