//! Whose identity reaches the app: the one that Doorward signed, and no other.
//!
//! Must not show a signature.

use doorward_verify::{Request, Scheme as SignedScheme};

use super::gate::is_open;
use super::{Examined, FORGED, plain};
use crate::cli::doctor::X_USER_ID;
use crate::cli::doctor::ask::{Ask, masked};
use crate::cli::doctor::exam::Exam;
use crate::cli::doctor::mend::{Line, Mend};
use crate::cli::doctor::probe::{Probe, Seen, folded};
use crate::cli::doctor::report::{Finding, Topic, Verdict};
use crate::domain::access::Access;
use crate::domain::app::Binding;
use crate::domain::host::Scheme;

pub(super) const IDENTITY: Topic = Topic {
    id: "identity",
    title: "The app gets one X-UserId, and never the client's own",
};
pub(super) const ALIASES: Topic = Topic {
    id: "aliases",
    title: "Spellings that pass for X-UserId do not reach the app",
};
pub(super) const CONNECTION: Topic = Topic {
    id: "connection",
    title: "A client can't have X-UserId taken away",
};
pub(super) const SIGNATURE: Topic = Topic {
    id: "signature",
    title: "The X-UserId that arrives is signed for this app",
};
pub(super) const CLOCK: Topic = Topic {
    id: "clock",
    title: "The clocks of Doorward and of the app agree",
};

/// What a client would send to be taken for somebody; no key made it.
const FORGED_ID: &str =
    "forged-by-doorward-doctor.1700000000.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const IMPERSONATION: &str = "Anybody can be anybody, as far as the app believes the header; the signature is then all \
                             that is left.";
/// A difference that leaves little of the minute for which a signature holds, and of the ten seconds it may lead.
const MOST_DIFFERENCE: u64 = 5;

pub(super) async fn identity(exam: &Exam<'_>) -> Examined {
    let seen = match plain(exam) {
        Ok(seen) => seen,
        Err(verdict) => return without_probe(exam, verdict).await,
    };
    let lines = seen.lines(X_USER_ID).count();
    if lines == 0 && is_open(exam) {
        return Ok(Verdict::not_checked("the proxy does not ask Doorward"));
    }
    let forged = match again(exam, &[("X-UserId", FORGED_ID)]).await? {
        Ok(seen) => seen,
        Err(verdict) => return Ok(verdict),
    };
    if forged
        .lines(X_USER_ID)
        .any(|(_, value)| value.contains(FORGED))
    {
        let what = "the client's own X-UserId reaches the app";
        return Ok(wrong(what, IMPERSONATION, &forged, Line::Identity).into());
    }
    let why = "The app has to refuse the request, or believes a header that is not Doorward's.";
    if lines != 1 {
        let what = match lines {
            0 => "no X-UserId reaches the app".to_owned(),
            lines => format!("{lines} X-UserId reach the app"),
        };
        return Ok(wrong(what, why, seen, Line::Identity).into());
    }
    if forged.identity().is_none() {
        let what = "no X-UserId reaches the app when the client sends one";
        return Ok(wrong(what, why, &forged, Line::Identity).into());
    }
    Ok(Verdict::Good)
}

/// What can be said without a word of the app: whether a forged header makes a difference.
async fn without_probe(exam: &Exam<'_>, reason: Verdict) -> Examined {
    if let Some((path, gate)) = exam.sent_from() {
        let ask = Ask::navigate(&exam.app, path).with("X-UserId", FORGED_ID);
        let answer = exam.ask(ask).await?;
        if answer.status != gate.status {
            let what = "a forged X-UserId changes what a page that needs a session answers";
            let mend = Mend::by("Ask Doorward whatever the client sends, and replace the header.");
            return Ok(Finding::new(what, IMPERSONATION, mend.line(Line::Identity))
                .seen(&answer, &["location"])
                .into());
        }
    }
    if !matches!(
        exam.site.access("/"),
        Some(Access::Public | Access::Optional)
    ) {
        return Ok(reason);
    }
    let ask = || Ask::navigate(&exam.app, "/");
    let (one, two) = (exam.ask(ask()).await?, exam.ask(ask()).await?);
    let forged = exam.ask(ask().with("X-UserId", FORGED_ID)).await?;
    if (one.status, &one.body) == (two.status, &two.body) && forged.status != two.status {
        let what = "a forged X-UserId changes what a public page answers";
        let mend = Mend::by("Replace the client's header with the one that Doorward signed.");
        return Ok(Finding::new(what, IMPERSONATION, mend.line(Line::Identity))
            .seen(&two, &[])
            .seen(&forged, &[])
            .into());
    }
    Ok(reason)
}

pub(super) async fn aliases(exam: &Exam<'_>) -> Examined {
    if let Err(verdict) = plain(exam) {
        return Ok(verdict);
    }
    let aliases = ["X_UserId", "X.UserId", "x_userid"];
    for alias in aliases {
        // A proxy that refuses the request outright lets nothing through either.
        let Ok(seen) = again(exam, &[(alias, FORGED_ID)]).await? else {
            continue;
        };
        let arrived = seen
            .headers
            .iter()
            .find(|(name, value)| folded(name) == X_USER_ID && value.contains(FORGED));
        if let Some((name, _)) = arrived {
            let what = format!("{alias} of a client reaches the app, as {name}");
            let why = "Many servers read _ and . in a name as -: for them it is an X-UserId that the proxy has not \
                       replaced.";
            return Ok(wrong(what, why, &seen, Line::Aliases).into());
        }
    }
    Ok(Verdict::Good)
}

pub(super) async fn connection(exam: &Exam<'_>) -> Examined {
    if let Err(verdict) = plain(exam) {
        return Ok(verdict);
    }
    if is_open(exam) {
        return Ok(Verdict::not_checked("the proxy does not ask Doorward"));
    }
    let seen = match again(exam, &[("Connection", "close, X-UserId")]).await? {
        Ok(seen) => seen,
        Err(verdict) => return Ok(verdict),
    };
    let named = seen
        .lines("connection")
        .any(|(_, value)| value.to_ascii_lowercase().contains(X_USER_ID));
    if seen.lines(X_USER_ID).next().is_some() && !named {
        return Ok(Verdict::Good);
    }
    let what = if named {
        "a client's Connection: X-UserId reaches the app's side"
    } else {
        "a client's Connection: X-UserId takes the header away"
    };
    let why = "Connection names headers that the next hop must drop; the app then sees no identity, or another hop \
               drops it.";
    Ok(wrong(what, why, &seen, Line::Connection).into())
}

pub(super) fn signature(exam: &Exam<'_>) -> Verdict {
    let seen = match plain(exam) {
        Ok(seen) => seen,
        Err(verdict) => return verdict,
    };
    let Some(known) = &exam.site.known else {
        return Verdict::not_checked("needs the configuration, which has the app's key");
    };
    let Some(verifier) = &known.verifier else {
        return Verdict::not_checked("the app's key is not on this machine");
    };
    if is_open(exam) {
        return Verdict::not_checked("the proxy does not ask Doorward");
    }
    let (Some(identity), Some(signed_at)) = (seen.identity(), seen.signed_at()) else {
        return unsigned(seen);
    };
    let scheme = match known.entry.scheme() {
        Scheme::Http => SignedScheme::Http,
        Scheme::Https => SignedScheme::Https,
    };
    let path = exam.probe.as_ref().map_or("", |probe| probe.path.as_str());
    let host = exam.site.origin.host();
    let request = match known.binding {
        Binding::App => None,
        Binding::Request => Request::new(scheme, "GET", &*host, path).ok(),
    };
    match verifier.optional_user([identity], request.as_ref(), signed_at) {
        Ok(_) => Verdict::Good,
        Err(_) => unsigned(seen),
    }
}

fn unsigned(seen: &Seen) -> Verdict {
    let what = "the X-UserId that arrives does not verify with the app's key";
    let why = "The app has to refuse every request; or the header is not Doorward's.";
    let mend = Mend::by(
        "Let the verify path name this app, the app have the keys of the configuration, and the running Doorward too; \
         with binding = \"request\" nothing may rewrite host or path.",
    );
    told(Finding::new(what, why, mend.line(Line::Internal)), seen).into()
}

pub(super) fn clock(exam: &Exam<'_>) -> Verdict {
    let seen = match plain(exam) {
        Ok(seen) => seen,
        Err(verdict) => return verdict,
    };
    let Some(signed_at) = seen.signed_at() else {
        return Verdict::not_checked("the X-UserId that arrives says no time");
    };
    let difference = seen.time.abs_diff(signed_at);
    if difference <= MOST_DIFFERENCE {
        return Verdict::Good;
    }
    let side = if seen.time > signed_at {
        "ahead of"
    } else {
        "behind"
    };
    let what = format!("the app's clock is {difference} s {side} Doorward's");
    let why = "A signature holds for 60 s and may be 10 s ahead: the app refuses visitors, always or now and then.";
    let mend =
        Mend::by("Let both machines keep their time by NTP, as with systemd-timesyncd or chrony.");
    let finding = Finding::new(what, why, mend);
    let answered = format!("time {}, X-UserId signed at {signed_at}", seen.time);
    finding.told(&seen.answer.asked, answered).into()
}

/// Asks the probe with these headers. The error is what to say when it gives no answer that can be used.
async fn again(
    exam: &Exam<'_>,
    headers: &[(&'static str, &str)],
) -> Result<Result<Seen, Verdict>, super::Unanswered> {
    let Some(probe) = &exam.probe else {
        return Ok(Err(Verdict::not_checked(
            "needs --probe: only the app sees it",
        )));
    };
    let ask = headers
        .iter()
        .fold(Probe::ask(&exam.app, &probe.path), |ask, (name, value)| {
            ask.with(name, *value)
        });
    let answer = exam.ask(ask).await?;
    let asked = answer.asked.clone();
    Ok(Seen::read(answer).map_err(|problem| Verdict::not_checked(format!("{asked}: {problem}"))))
}

fn wrong(what: impl Into<String>, why: &'static str, seen: &Seen, line: Line) -> Finding {
    let words = match line {
        Line::Aliases => "Drop them before the app is asked.",
        Line::Connection => "Let the proxy write Connection itself.",
        _ => "Replace the client's header with the one that Doorward signed, on every request.",
    };
    told(Finding::new(what, why, Mend::by(words).line(line)), seen)
}

/// With what the app saw of the identity, and of `Connection` where that was sent.
fn told(finding: Finding, seen: &Seen) -> Finding {
    let connection = seen.answer.asked.contains("Connection: ");
    let connection = seen.lines("connection").filter(|_| connection);
    let lines = seen.lines(X_USER_ID).chain(connection);
    let lines: Vec<_> = lines
        .map(|(name, value)| format!("{name}: {}", masked(value)))
        .collect();
    let lines = if lines.is_empty() {
        "no X-UserId".to_owned()
    } else {
        lines.join(", ")
    };
    finding.told(&seen.answer.asked, format!("the app saw {lines}"))
}
