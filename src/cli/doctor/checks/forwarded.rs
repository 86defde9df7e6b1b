//! Whether a client's word about itself counts, at the app or at Doorward.

use super::{Examined, FORGED, NOBODYS_HOST, plain};
use crate::cli::doctor::ask::{Ask, masked};
use crate::cli::doctor::exam::Exam;
use crate::cli::doctor::mend::{Line, Mend};
use crate::cli::doctor::probe::{Probe, Seen, folded};
use crate::cli::doctor::report::{Finding, Topic, Verdict};

pub(super) const FORWARDED: Topic = Topic {
    id: "forwarded",
    title: "What a client claims about itself, as in X-Forwarded-…, does not reach the app",
};
pub(super) const QUESTION: Topic = Topic {
    id: "question",
    title: "A client can't change what Doorward is asked",
};

/// An address that is nobody's (RFC 5737).
const ADDRESS: &str = "198.51.100.77";
/// A port that is nobody's. Some apps break at one that is no number, and then nothing would be seen.
const PORT: &str = "61977";
/// What a client may claim, each with a value that nobody else would write.
const CLAIMS: [(&str, &str); 13] = [
    ("X-Forwarded-For", ADDRESS),
    ("X-Forwarded-Host", NOBODYS_HOST),
    ("X-Forwarded-Proto", FORGED),
    (
        "Forwarded",
        "for=198.51.100.77;host=doorward-doctor.invalid;proto=forged-by-doorward-doctor",
    ),
    ("X-Original-URL", "/forged-by-doorward-doctor"),
    ("X-Original-Method", "FORGED-BY-DOORWARD-DOCTOR"),
    ("X-Forwarded-Port", PORT),
    ("X-Forwarded-Prefix", "/forged-by-doorward-doctor"),
    ("X-Forwarded-Ssl", FORGED),
    ("X-Forwarded-Scheme", FORGED),
    ("X-Forwarded-User", FORGED),
    ("X-Rewrite-URL", "/forged-by-doorward-doctor"),
    ("X-HTTP-Method-Override", "FORGED-BY-DOORWARD-DOCTOR"),
];

pub(super) async fn forwarded(exam: &Exam<'_>) -> Examined {
    if let Err(verdict) = plain(exam) {
        return Ok(verdict);
    }
    let path = exam.probe.as_ref().map_or("/", |probe| probe.path.as_str());
    let ask = CLAIMS
        .into_iter()
        .fold(Probe::ask(&exam.app, path), |ask, (name, value)| {
            ask.with(name, value)
        });
    let answer = exam.ask(ask).await?;
    let asked = answer.asked.clone();
    let seen = match Seen::read(answer) {
        Ok(seen) => seen,
        Err(problem) => return Ok(Verdict::not_checked(format!("{asked}: {problem}"))),
    };
    let is_claim = |(name, value): &&(String, String)| {
        let value = value.to_ascii_lowercase();
        let claimed = [ADDRESS, NOBODYS_HOST, FORGED]
            .iter()
            .any(|claim| value.contains(claim));
        (claimed || value == PORT) && folded(name) != crate::cli::doctor::X_USER_ID
    };
    let arrived: Vec<_> = seen.headers.iter().filter(is_claim).collect();
    if arrived.is_empty() {
        return Ok(Verdict::Good);
    }
    let lines: Vec<_> = arrived
        .iter()
        .map(|(name, value)| format!("{name}: {}", masked(value)))
        .collect();
    let what = "what a client claims about itself reaches the app";
    let why = "Frameworks believe these headers: addresses in logs and limits, links in mails and redirects are then \
               what the client wants.";
    let mend = Mend::by(overwrite(exam));
    Ok(Finding::new(what, why, mend.line(Line::Forwarded))
        .told(&asked, format!("the app saw {}", lines.join(", ")))
        .into())
}

fn overwrite(exam: &Exam<'_>) -> String {
    let words = "Overwrite these headers, never append to them; drop the ones that you do not set.";
    let addresses = exam.app.addresses();
    let from_here = addresses.iter().any(|address| address.ip().is_loopback());
    if from_here {
        let trusting = "A proxy that trusts its own machine believes them from here: then ask from another one.";
        format!("{words} {trusting}")
    } else {
        words.to_owned()
    }
}

/// Claims that the page asked for is another one, which is public.
pub(super) async fn question(exam: &Exam<'_>) -> Examined {
    let (path, gate) = match super::gate(exam) {
        Ok(sent) => sent,
        Err(verdict) => return Ok(verdict),
    };
    let public = exam.page("/login");
    let origin = exam.site.origin.to_string();
    let claims = [
        [
            ("X-Original-Method", "GET".to_owned()),
            ("X-Original-URL", format!("{origin}{public}")),
        ],
        [
            ("X-Forwarded-Method", "GET".to_owned()),
            ("X-Forwarded-Uri", public.clone()),
        ],
        [
            ("X-Forwarded-Host", NOBODYS_HOST.to_owned()),
            ("X-Forwarded-Proto", FORGED.to_owned()),
        ],
        [
            ("X-Rewrite-URL", public.clone()),
            ("X-HTTP-Method-Override", "OPTIONS".to_owned()),
        ],
    ];
    for claim in claims {
        let ask = claim
            .into_iter()
            .fold(Ask::navigate(&exam.app, path), |ask, (name, value)| {
                ask.with(name, value)
            });
        let answer = exam.ask(ask).await?;
        if answer.status == gate.status && answer.location() == gate.location() {
            continue;
        }
        let (what, why) = if answer.is_redirect() {
            (
                "a client's headers change where visitors are sent to sign in",
                "Doorward is asked about another request than the app would be shown.",
            )
        } else {
            (
                "a client's headers change what Doorward is asked",
                "Who names a public page in a header is let into any other.",
            )
        };
        let mend =
            Mend::by("Overwrite what the question is made of: method, scheme, host and path.");
        return Ok(Finding::new(what, why, mend.line(Line::Question))
            .seen(gate, &["location"])
            .seen(&answer, &["location"])
            .into());
    }
    Ok(Verdict::Good)
}
