//! What a proxy or a browser keeps that it must ask for again.

use super::{Examined, plain};
use crate::cli::doctor::ask::{Answer, Ask};
use crate::cli::doctor::exam::{Exam, is_page, query};
use crate::cli::doctor::mend::{Line, Mend};
use crate::cli::doctor::probe::Seen;
use crate::cli::doctor::report::{Finding, Topic, Verdict};

pub(super) const ANSWERS: Topic = Topic {
    id: "cache",
    title: "What depends on the session is never cached",
};
pub(super) const VERIFY: Topic = Topic {
    id: "verify-cache",
    title: "Doorward is asked about every request anew",
};

const WHY: &str =
    "One visitor is given what was meant for another, or is sent to sign in again and again.";

pub(super) async fn answers(exam: &Exam<'_>, later: Option<&Seen>) -> Examined {
    if let (Ok(first), Some(later)) = (plain(exam), later)
        && first.time == later.time
    {
        return Ok(stopped_clock(first, later).into());
    }
    let mut answers: Vec<Answer> = Vec::new();
    if let Some((path, gate)) = exam.sent_from() {
        answers.push(gate.clone());
        answers.push(exam.ask(Ask::json(&exam.app, path)).await?);
    }
    let page = exam
        .ask(Ask::navigate(&exam.sign_in, exam.page("/login")))
        .await?;
    answers.extend(Some(page).filter(|page| is_page(page, &exam.site.base_path)));
    if exam.pages_answer() {
        let session = Ask::json(&exam.sign_in, exam.page("/login/session"));
        let again = exam.ask(session).await?;
        if let Some(finding) = same_twice(&exam.session, &again) {
            return Ok(finding.into());
        }
        answers.push(again);
    }
    if answers.is_empty() {
        let reason = "nothing that depends on a session answers";
        return Ok(Verdict::not_checked(reason));
    }
    Ok(Verdict::of(answers.iter().find_map(kept)))
}

fn stopped_clock(first: &Seen, later: &Seen) -> Finding {
    let what = "a page of the app is answered from a cache";
    let mend = Mend::by("Let the proxy keep nothing of the app's that came with an X-UserId.");
    let answered = |seen: &Seen| format!("the app said that it is {}", seen.time);
    Finding::new(what, WHY, mend)
        .told(&first.answer.asked, answered(first))
        .told(
            &later.answer.asked,
            format!("{}, seconds later", answered(later)),
        )
}

/// Two answers of Doorward with the id of one request.
fn same_twice(first: &Answer, again: &Answer) -> Option<Finding> {
    let id = |answer: &Answer| answer.member("request_id").map(|id| id.to_string());
    if id(first).is_none() || id(first) != id(again) {
        return None;
    }
    let what = "Doorward's pages are answered from a cache";
    let mend =
        Mend::by("Cache nothing that Doorward answers, whatever the proxy caches of the app.");
    let answered = "twice the same request_id, which is new for every request";
    Some(Finding::new(what, WHY, mend.line(Line::Pages)).told(&again.asked, answered))
}

/// An answer that was kept, or may be.
fn kept(answer: &Answer) -> Option<Finding> {
    let has = |name: &str, word: &str| {
        let value = answer.header(name).unwrap_or_default().to_ascii_lowercase();
        value.contains(word)
    };
    let age = answer.header("age").and_then(|age| age.parse::<u64>().ok());
    let hit = [
        "x-cache",
        "x-cache-status",
        "cf-cache-status",
        "x-proxy-cache",
    ];
    let was_kept = age.is_some_and(|age| age > 0) || hit.iter().any(|name| has(name, "hit"));
    let may_be = !has("cache-control", "no-store");
    if !was_kept && !may_be {
        return None;
    }
    let what = if was_kept {
        "an answer that depends on the session comes from a cache"
    } else {
        "an answer that depends on the session may be cached"
    };
    let mend =
        Mend::by("Say no-store with every redirect and refusal; cache nothing of Doorward's.");
    let headers = [
        "location",
        "cache-control",
        "age",
        "x-cache",
        "cf-cache-status",
    ];
    Some(Finding::new(what, WHY, mend.line(Line::NoStore)).seen(answer, &headers))
}

pub(super) async fn verify(exam: &Exam<'_>, later: Option<&Seen>) -> Examined {
    let why =
        "Who was let in stays in after signing out, and an old signature is refused by the app.";
    let mend =
        || Mend::by("Let nothing be cached where the proxy asks Doorward.").line(Line::Internal);
    if let Some((path, gate)) = exam.sent_from() {
        let other = format!(
            "{path}{}doorward-doctor=2",
            if path.contains('?') { '&' } else { '?' }
        );
        let answer = exam.ask(Ask::navigate(&exam.app, &*other)).await?;
        let back = |answer: &Answer| query(answer.location()?, "rd");
        if back(&answer).is_some() && back(&answer) == back(gate) {
            let what = "Doorward's answer about one page is given for another";
            return Ok(Finding::new(what, why, mend())
                .seen(gate, &["location"])
                .seen(&answer, &["location"])
                .into());
        }
    }
    let (first, later) = match (plain(exam), later) {
        (Err(verdict), _) => return Ok(verdict),
        (Ok(_), None) => {
            return Ok(Verdict::not_checked(
                "the probe did not answer a second time",
            ));
        }
        (Ok(first), Some(later)) => (first, later),
    };
    if first.time == later.time {
        return Ok(Verdict::not_checked(
            "the probe's own answer comes from a cache",
        ));
    }
    let (Some(one), Some(two)) = (first.signed_at(), later.signed_at()) else {
        return Ok(Verdict::not_checked(
            "the X-UserId that arrives says no time",
        ));
    };
    if one != two {
        return Ok(Verdict::Good);
    }
    let what = "two requests, seconds apart, are given the same signature";
    let answered = |seen: &Seen| {
        format!(
            "X-UserId signed at {one}, while the app's clock said {}",
            seen.time
        )
    };
    Ok(Finding::new(what, why, mend())
        .told(&first.answer.asked, answered(first))
        .told(&later.answer.asked, answered(later))
        .into())
}
