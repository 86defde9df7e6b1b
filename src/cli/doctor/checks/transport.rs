//! https, and nothing but https.

use super::Examined;
use crate::cli::doctor::ask::{Answer, Ask};
use crate::cli::doctor::exam::{Exam, origin_of};
use crate::cli::doctor::mend::{Line, Mend};
use crate::cli::doctor::report::{Finding, Topic, Verdict};

pub(super) const HSTS: Topic = Topic {
    id: "hsts",
    title: "Browsers are told to come by https alone",
};
pub(super) const TO_HTTPS: Topic = Topic {
    id: "plain-http",
    title: "Plain HTTP leads to https, or nowhere",
};

pub(super) fn hsts(exam: &Exam<'_>) -> Verdict {
    let probe = exam
        .probe
        .as_ref()
        .and_then(|probe| probe.plain.as_ref().ok());
    let gate = exam.gate.as_ref().filter(|gate| gate.status < 500);
    let answers = gate.into_iter().chain(probe.map(|seen| &seen.answer));
    let mut answers = answers
        .chain(exam.pages_answer().then_some(&exam.session))
        .peekable();
    if answers.peek().is_none() {
        return Verdict::not_checked("nothing answers");
    }
    let Some(without) = answers.find(|answer| !is_strict(answer)) else {
        return Verdict::Good;
    };
    let what = "an answer by https does not carry Strict-Transport-Security";
    let why = "Who types the name comes by plain HTTP first, where anybody on the way can answer instead of you.";
    let mend =
        Mend::by("Add it to every answer: of the app, of Doorward, and of the proxy itself.");
    Finding::new(what, why, mend.line(Line::Hsts))
        .seen(without, &["strict-transport-security"])
        .into()
}

/// Whether an answer asks for https for more than this moment.
fn is_strict(answer: &Answer) -> bool {
    let value = answer
        .header("strict-transport-security")
        .unwrap_or_default();
    let parts = value
        .split(';')
        .map(|part| part.trim().to_ascii_lowercase());
    let ages = parts.filter_map(|part| {
        let age = part
            .strip_prefix("max-age=")?
            .trim_matches('"')
            .parse::<u64>();
        age.ok()
    });
    ages.sum::<u64>() > 0
}

pub(super) async fn to_https(exam: &Exam<'_>) -> Examined {
    let Some(plain) = &exam.plain_http else {
        return Ok(Verdict::not_checked(
            "where plain HTTP is can be said with --connect-to-http HOST:PORT",
        ));
    };
    let path = format!("/{}?a=b", exam.mark);
    let Ok(answer) = exam.ask(Ask::navigate(plain, &*path)).await else {
        // Nobody there: that is https alone as well.
        return Ok(Verdict::Good);
    };
    let origin = &exam.site.origin;
    let target = answer.location().and_then(origin_of);
    if answer.is_redirect() && target.as_ref() == Some(origin) {
        return Ok(Verdict::Good);
    }
    if answer.status >= 400 && answer.status != 401 && answer.status < 500 {
        return Ok(Verdict::Good);
    }
    let what = if answer.is_redirect() {
        format!("plain HTTP does not lead to {origin}")
    } else {
        "plain HTTP is answered and not led to https".to_owned()
    };
    let why =
        "What is sent there, sessions and passwords among it, can be read and changed on the way.";
    let mend = Mend::by("Answer plain HTTP with a redirect to https and with nothing else.");
    Ok(Finding::new(what, why, mend.line(Line::ToHttps))
        .seen(&answer, &["location"])
        .into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hsts_needs_an_age() {
        let strict = |value: &str| {
            let mut headers = reqwest::header::HeaderMap::new();
            headers.insert("strict-transport-security", value.parse().unwrap());
            is_strict(&Answer {
                asked: String::new(),
                status: 200,
                headers,
                body: String::new(),
            })
        };
        assert!(strict("max-age=31536000"));
        assert!(strict("includeSubDomains; max-age=\"600\""));
        assert!(!strict("max-age=0"));
        assert!(!strict("includeSubDomains"));
        assert!(!strict("max-age=always"));
    }
}
