//! Which protocols a client may change to.

use super::gate::SOCKET_KEY;
use super::{Examined, plain};
use crate::cli::doctor::ask::Ask;
use crate::cli::doctor::exam::Exam;
use crate::cli::doctor::mend::{Line, Mend};
use crate::cli::doctor::probe::{Probe, Seen};
use crate::cli::doctor::report::{Finding, Topic, Verdict};

pub(super) const WEB_SOCKETS: Topic = Topic {
    id: "websockets",
    title: "WebSockets pass to the app",
};
pub(super) const UPGRADES: Topic = Topic {
    id: "upgrades",
    title: "No other upgrade passes",
};

/// Settings of HTTP/2 as an upgrade brings them: none.
const NO_SETTINGS: &str = "AAMAAABkAAQAAP__";

pub(super) async fn web_sockets(exam: &Exam<'_>) -> Examined {
    let ask = match plain(exam) {
        Ok(_) => probe(exam),
        Err(verdict) => return Ok(verdict),
    };
    let ask = ask
        .with("Connection", "Upgrade")
        .with("Upgrade", "websocket")
        .with("Sec-WebSocket-Version", "13")
        .with("Sec-WebSocket-Key", SOCKET_KEY);
    let answer = exam.ask(ask).await?;
    if answer.status == 101 {
        return Ok(Verdict::Good);
    }
    let (asked, status) = (answer.asked.clone(), answer.status);
    let Ok(seen) = Seen::read(answer) else {
        return Ok(Verdict::not_checked(format!(
            "asked to become a WebSocket, the probe answered {status} without its JSON; some proxies take it away \
             from an upgrade that the app refuses"
        )));
    };
    if asks_to_upgrade(&seen) {
        return Ok(Verdict::Good);
    }
    let what = "the upgrade to a WebSocket does not reach the app";
    let why = "If the app uses WebSockets, they do not open.";
    let mend =
        Mend::by("Pass Upgrade on where it says websocket, with Connection and by HTTP/1.1.");
    Ok(Finding::new(what, why, mend.line(Line::WebSockets))
        .told(&asked, connection(&seen))
        .into())
}

pub(super) async fn upgrades(exam: &Exam<'_>) -> Examined {
    let ask = match plain(exam) {
        Ok(_) => probe(exam),
        Err(_) => Ask::get(&exam.app, "/"),
    };
    let ask = ask
        .with("Connection", "Upgrade, HTTP2-Settings")
        .with("Upgrade", "h2c")
        .with("HTTP2-Settings", NO_SETTINGS);
    let answer = exam.ask(ask).await?;
    let (asked, shown) = (answer.asked.clone(), answer.shown(&["upgrade"]));
    let switched = answer.status == 101;
    let seen = Seen::read(answer).ok();
    let passed = seen.as_ref().filter(|seen| asks_to_upgrade(seen));
    if !switched && passed.is_none() {
        return Ok(plain(exam).err().unwrap_or(Verdict::Good));
    }
    let what = "an upgrade to h2c passes to the app";
    let why =
        "Behind it the connection is a tunnel: requests in it go past the proxy and past Doorward.";
    let mend = Mend::by("Let no Upgrade pass but websocket.").line(Line::Upgrades);
    let answered = passed.map_or(shown, connection);
    Ok(Finding::new(what, why, mend).told(&asked, answered).into())
}

fn probe(exam: &Exam<'_>) -> Ask {
    let path = exam.probe.as_ref().map_or("/", |probe| probe.path.as_str());
    Probe::ask(&exam.app, path)
}

/// Whether the app was asked to change the protocol.
fn asks_to_upgrade(seen: &Seen) -> bool {
    seen.lines("connection")
        .any(|(_, value)| value.to_ascii_lowercase().contains("upgrade"))
}

fn connection(seen: &Seen) -> String {
    let lines: Vec<_> = seen.lines("connection").map(|(_, value)| value).collect();
    match lines.as_slice() {
        [] => "the app saw no Connection".to_owned(),
        lines => format!("the app saw Connection: {}", lines.join(", ")),
    }
}
