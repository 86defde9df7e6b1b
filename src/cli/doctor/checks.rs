//! Every check, in the order in which they are told.
//!
//! One cause is one finding: what can't be judged because of it is not checked, and says so.

mod cookie;
mod doors;
mod forwarded;
mod gate;
mod identity;
mod internal;
mod kept;
mod pages;
mod sign_in;
mod transport;
mod upgrades;

use std::time::Duration;

use tokio::time::Instant;

use super::client::Unanswered;
use super::exam::Exam;
use super::probe::{Probe, Seen};
use super::report::{Report, Topic, Verdict};
use crate::domain::host::Scheme;

/// How one check ends, unless a request of it gets no answer.
type Examined = Result<Verdict, Unanswered>;

/// What a forged header says.
const FORGED: &str = "forged-by-doorward-doctor";
/// A host that is nobody's (RFC 2606).
const NOBODYS_HOST: &str = "doorward-doctor.invalid";
/// How far apart two questions are that must not get one answer. Signatures are told apart by the second.
const APART: Duration = Duration::from_millis(2_200);

/// Runs them all.
pub(super) async fn run(exam: &Exam<'_>, report: &mut Report) {
    let began = Instant::now();
    let redirects = sign_in::redirects(exam).await;
    let in_a_circle = matches!(redirects, Ok(Verdict::Wrong(_)));
    report.add(pages::HOST, pages::host(exam));
    add(report, pages::PAGES, pages::pages(exam, in_a_circle).await);
    add(report, pages::NEIGHBOURS, pages::neighbours(exam).await);
    report.add(gate::PROTECTED, gate::protected(exam, in_a_circle));
    report.add(gate::OUTAGE, gate::outage(exam));
    report.add(sign_in::SCHEME, sign_in::scheme(exam));
    if report.is_wrong(sign_in::SCHEME) {
        let reason = "the scheme is wrong";
        for topic in [sign_in::ADDRESS, sign_in::FORM, cookie::COOKIE] {
            report.add(topic, Verdict::not_checked(reason));
        }
    } else {
        report.add(sign_in::ADDRESS, sign_in::address(exam));
        add(report, sign_in::FORM, sign_in::form(exam).await);
        add(report, cookie::COOKIE, cookie::cookie(exam).await);
    }
    add(report, sign_in::REDIRECTS, redirects);
    add(report, gate::REFUSALS, gate::refusals(exam).await);
    behind(exam, report, began).await;
    add(report, doors::PATHS, doors::paths(exam).await);
    add(report, doors::OTHER_HOSTS, doors::other_hosts(exam).await);
    report.add(doors::LEAKS, doors::leaks(exam));
    add(report, internal::VERIFY, internal::verify(exam).await);
    add(report, internal::INTERNAL, internal::internal(exam).await);
    report.add(internal::PORT, internal::port(exam).await);
    if exam.site.origin.scheme() == Scheme::Https {
        report.add(transport::HSTS, transport::hsts(exam));
        add(report, transport::TO_HTTPS, transport::to_https(exam).await);
    }
}

/// What only the app sees, and what is kept.
async fn behind(exam: &Exam<'_>, report: &mut Report, began: Instant) {
    add(report, identity::IDENTITY, identity::identity(exam).await);
    add(report, identity::ALIASES, identity::aliases(exam).await);
    if report.is_wrong(identity::IDENTITY) {
        let reason = "no X-UserId of Doorward reaches the app";
        report.add(identity::CONNECTION, Verdict::not_checked(reason));
    } else {
        let examined = identity::connection(exam).await;
        add(report, identity::CONNECTION, examined);
    }
    add(
        report,
        forwarded::FORWARDED,
        forwarded::forwarded(exam).await,
    );
    add(report, forwarded::QUESTION, forwarded::question(exam).await);
    add(
        report,
        upgrades::WEB_SOCKETS,
        upgrades::web_sockets(exam).await,
    );
    if report.is_wrong(identity::CONNECTION) {
        let reason = "the client's Connection reaches the app";
        report.add(upgrades::UPGRADES, Verdict::not_checked(reason));
    } else {
        add(report, upgrades::UPGRADES, upgrades::upgrades(exam).await);
    }
    kept_and_signed(exam, report, began).await;
}

async fn kept_and_signed(exam: &Exam<'_>, report: &mut Report, began: Instant) {
    let later = later(exam, began).await;
    add(
        report,
        kept::ANSWERS,
        kept::answers(exam, later.as_ref()).await,
    );
    add(
        report,
        kept::VERIFY,
        kept::verify(exam, later.as_ref()).await,
    );
    let topics = [identity::IDENTITY, kept::ANSWERS, kept::VERIFY];
    if topics.into_iter().any(|topic| report.is_wrong(topic)) {
        let reason = "the X-UserId that arrives was not signed for this very request";
        report.add(identity::SIGNATURE, Verdict::not_checked(reason));
        report.add(identity::CLOCK, Verdict::not_checked(reason));
    } else {
        report.add(identity::SIGNATURE, identity::signature(exam));
        report.add(identity::CLOCK, identity::clock(exam));
    }
}

fn add(report: &mut Report, topic: Topic, examined: Examined) {
    let verdict =
        examined.unwrap_or_else(|unanswered| Verdict::not_checked(unanswered.to_string()));
    report.add(topic, verdict);
}

/// The probe's answer to the same request, some seconds after the first.
async fn later(exam: &Exam<'_>, began: Instant) -> Option<Seen> {
    let probe = exam.probe.as_ref()?;
    probe.plain.as_ref().ok()?;
    tokio::time::sleep_until(began + APART).await;
    let answer = exam.ask(Probe::ask(&exam.app, &probe.path)).await.ok()?;
    Seen::read(answer).ok()
}

/// What the app saw of a plain request; otherwise why nothing can be said.
fn plain<'e>(exam: &'e Exam<'_>) -> Result<&'e Seen, Verdict> {
    match exam.probe.as_ref().map(|probe| &probe.plain) {
        None => Err(Verdict::not_checked("needs --probe: only the app sees it")),
        Some(Err(_)) => Err(Verdict::not_checked("the probe can't be used")),
        Some(Ok(seen)) => Ok(seen),
    }
}

/// The guarded page and the redirect that it gives; otherwise why nothing can be said.
fn gate<'e>(exam: &'e Exam<'_>) -> Result<(&'e str, &'e super::ask::Answer), Verdict> {
    let reason = "no page is known that sends visitors to sign in";
    exam.sent_from().ok_or_else(|| Verdict::not_checked(reason))
}
