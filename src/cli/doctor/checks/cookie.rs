//! The session cookie, as Doorward takes back one that is no session.

use super::Examined;
use crate::cli::doctor::ask::{Answer, Ask};
use crate::cli::doctor::exam::Exam;
use crate::cli::doctor::mend::{Line, Mend};
use crate::cli::doctor::report::{Finding, Topic, Verdict};
use crate::domain::host::Scheme;

pub(super) const COOKIE: Topic = Topic {
    id: "cookie",
    title: "The session cookie has the name and the attributes that it should have",
};

/// What no session has for its id.
const NO_SESSION: &str = "doorward-doctor";

pub(super) async fn cookie(exam: &Exam<'_>) -> Examined {
    if !exam.pages_answer() {
        return Ok(Verdict::not_checked("Doorward's pages do not answer here"));
    }
    let (name, domain) = exam.site.cookie();
    let base = &exam.site.cookie_name;
    let names = [
        format!("__Host-{base}"),
        format!("__Secure-{base}"),
        base.clone(),
    ];
    let pairs = names.each_ref().map(|name| format!("{name}={NO_SESSION}"));
    let ask =
        Ask::json(&exam.sign_in, exam.page("/login/session")).with("Cookie", pairs.join("; "));
    let answer = exam.ask(ask).await?;
    let lines: Vec<_> = answer.header_lines("set-cookie").collect();
    let of = |name: &str| {
        let mut lines = lines.iter();
        lines
            .find(|line| line.split('=').next() == Some(name))
            .copied()
    };
    let Some(line) = of(&name) else {
        let other = names.iter().find(|name| of(name).is_some());
        if other.is_none() && exam.site.known.is_none() {
            return Ok(Verdict::not_checked(
                "the cookie has another name, and no configuration says which",
            ));
        }
        return Ok(misnamed(&answer, &name, other).into());
    };
    let expected = if exam.site.known.is_some() {
        domain
    } else {
        attribute(line, "domain")
    };
    let wrong = changed(line, exam.site.origin.scheme(), expected);
    if wrong.is_empty() {
        return Ok(Verdict::Good);
    }
    let what = format!(
        "the session cookie is changed on its way: {}",
        wrong.join(", ")
    );
    let why = "Browsers keep it from the pages that need it, or give it to scripts and sites that should not have it.";
    let mend = Mend::by(
        "Pass Set-Cookie on as Doorward writes it: nothing in the proxy may rewrite cookies.",
    );
    Ok(Finding::new(what, why, mend.line(Line::Pages))
        .seen(&answer, &["set-cookie"])
        .into())
}

/// Which attributes are not as Doorward writes them.
fn changed(line: &str, scheme: Scheme, domain: Option<String>) -> Vec<&'static str> {
    let is = |name: &str, expected: &str| {
        attribute(line, name).is_some_and(|value| value.eq_ignore_ascii_case(expected))
    };
    let secure = scheme == Scheme::Http || attribute(line, "secure").is_some();
    let checks = [
        (is("path", "/"), "Path is not /"),
        (attribute(line, "httponly").is_some(), "HttpOnly is missing"),
        (is("samesite", "lax"), "SameSite is not Lax"),
        (secure, "Secure is missing"),
        (
            attribute(line, "domain") == domain,
            "Domain is not what it should be",
        ),
    ];
    let wrong = checks.into_iter().filter(|(is_right, _)| !is_right);
    wrong.map(|(_, what)| what).collect()
}

fn misnamed(answer: &Answer, name: &str, other: Option<&String>) -> Finding {
    let what = match other {
        Some(other) => format!("the session cookie is called {other} and should be called {name}"),
        None => format!("Doorward does not know the session cookie {name}"),
    };
    let why =
        "Who signs in gets a cookie that is not looked for, or that the app is not protected from.";
    let mend = Mend::by(
        "Let Cookie and Set-Cookie pass between browser and Doorward, and look at the configuration that Doorward \
         really runs with.",
    );
    Finding::new(what, why, mend.line(Line::Pages)).seen(answer, &["set-cookie"])
}

/// An attribute's value, empty for a flag; `name` in lower case.
fn attribute(line: &str, name: &str) -> Option<String> {
    let mut attributes = line.split(';').skip(1).map(str::trim);
    attributes.find_map(|attribute| {
        let (key, value) = attribute.split_once('=').unwrap_or((attribute, ""));
        key.eq_ignore_ascii_case(name)
            .then(|| value.trim().to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_proxy_changed_is_told() {
        let line = "__Host-SESSION=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0";
        let none: [&str; 0] = [];
        assert_eq!(changed(line, Scheme::Https, None), none);
        assert_eq!(
            changed(
                "SESSION=; path=/; httponly; samesite=lax",
                Scheme::Http,
                None
            ),
            none
        );
        let line = "SESSION=; Path=/shop; SameSite=None; Domain=example.com";
        let wrong = [
            "Path is not /",
            "HttpOnly is missing",
            "SameSite is not Lax",
            "Secure is missing",
            "Domain is not what it should be",
        ];
        assert_eq!(changed(line, Scheme::Https, None), wrong);
    }
}
