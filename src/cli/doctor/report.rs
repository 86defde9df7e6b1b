//! What was found, for people and for programs.

use serde_json::{Value, json};

use super::ask::Answer;
use super::mend::Mend;
use super::probe::Probe;
use crate::cli::layout::harmless;
use crate::cli::proxy_config::Proxy;

/// One thing that is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Topic {
    /// Stable: programs rely on it.
    pub(super) id: &'static str,
    /// What is the case when nothing is wrong.
    pub(super) title: &'static str,
}

/// How one check ended.
#[derive(Debug)]
pub(super) enum Verdict {
    Good,
    Wrong(Box<Finding>),
    /// With the reason.
    NotChecked(String),
}

/// What is wrong.
#[derive(Debug)]
pub(super) struct Finding {
    /// In one sentence.
    pub(super) what: String,
    /// Requests, and what was answered.
    pub(super) seen: Vec<(String, String)>,
    /// What can come of it.
    pub(super) why: &'static str,
    pub(super) mend: Mend,
}

impl Finding {
    pub(super) fn new(what: impl Into<String>, why: &'static str, mend: Mend) -> Self {
        Self {
            what: what.into(),
            seen: Vec::new(),
            why,
            mend,
        }
    }

    /// With an answer that shows it, and these headers of it.
    pub(super) fn seen(self, answer: &Answer, headers: &[&str]) -> Self {
        self.told(&answer.asked, answer.shown(headers))
    }

    /// With a request and what was seen of it.
    pub(super) fn told(mut self, asked: &str, answered: impl Into<String>) -> Self {
        self.seen.push((asked.to_owned(), answered.into()));
        self
    }
}

impl From<Finding> for Verdict {
    fn from(finding: Finding) -> Self {
        Self::Wrong(Box::new(finding))
    }
}

impl Verdict {
    pub(super) fn not_checked(reason: impl Into<String>) -> Self {
        Self::NotChecked(reason.into())
    }

    /// [`Verdict::Good`] without a finding.
    pub(super) fn of(finding: Option<Finding>) -> Self {
        finding.map_or(Self::Good, Self::from)
    }
}

/// Everything that was looked at.
#[derive(Debug)]
pub(super) struct Report {
    /// What is known beforehand: names and values.
    facts: Vec<(&'static str, String)>,
    checks: Vec<(Topic, Verdict)>,
    has_probe: bool,
    /// Why the probe can't be used.
    pub(super) unusable: Option<String>,
}

impl Report {
    pub(super) fn new(facts: Vec<(&'static str, String)>, probe: Option<&Probe>) -> Self {
        Self {
            facts,
            has_probe: probe.is_some(),
            unusable: probe.and_then(|probe| probe.plain.as_ref().err().cloned()),
            checks: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, topic: Topic, verdict: Verdict) {
        self.checks.push((topic, verdict));
    }

    /// Whether a check found something.
    pub(super) fn is_wrong(&self, topic: Topic) -> bool {
        let of = |(other, verdict): &(Topic, Verdict)| {
            *other == topic && matches!(verdict, Verdict::Wrong(_))
        };
        self.checks.iter().any(of)
    }

    fn findings(&self) -> impl Iterator<Item = (&Topic, &Finding)> {
        self.checks
            .iter()
            .filter_map(|(topic, verdict)| match verdict {
                Verdict::Wrong(finding) => Some((topic, &**finding)),
                _ => None,
            })
    }

    /// How many checks found something.
    pub(super) fn count(&self) -> usize {
        self.findings().count()
    }

    /// Names the proxy whose lines are wanted, and the app that they are for.
    pub(super) fn mend_with(&mut self, proxy: Option<Proxy>, app: Option<&str>) {
        for (_, verdict) in &mut self.checks {
            if let Verdict::Wrong(finding) = verdict {
                finding.mend.with(proxy, app);
            }
        }
    }

    /// For people.
    pub(super) fn text(&self, heading: &str) -> String {
        let width = self.facts.iter().map(|(name, _)| name.len()).max();
        let width = width.unwrap_or_default();
        let mut text = format!("{heading}\n");
        for (name, value) in &self.facts {
            text += &format!("  {name:width$}  {}\n", harmless(value));
        }
        text += "\n";
        for (topic, verdict) in &self.checks {
            text += &match verdict {
                Verdict::Good => format!("  ok           {}\n", topic.title),
                Verdict::Wrong(_) => format!("  WRONG        {}\n", topic.title),
                Verdict::NotChecked(reason) => {
                    format!("  not checked  {}\n{}", topic.title, indented(reason, 17))
                }
            };
        }
        for (number, (topic, finding)) in (1..).zip(self.findings()) {
            text += &format!("\n{number}. {} ({})\n", harmless(&finding.what), topic.id);
            for (asked, answered) in &finding.seen {
                text += &labelled("asked", asked);
                text += &labelled("seen", answered);
            }
            text += &labelled("why", finding.why);
            text += &finding.mend.text();
        }
        text + &format!("\n{}\n", self.closing())
    }

    fn not_checked(&self) -> usize {
        let hidden = |(_, verdict): &&(Topic, Verdict)| matches!(verdict, Verdict::NotChecked(_));
        self.checks.iter().filter(hidden).count()
    }

    /// How much was looked at, and how more could be.
    fn closing(&self) -> String {
        let wrong = match self.count() {
            0 => "Nothing wrong".to_owned(),
            count => format!("{count} wrong"),
        };
        let hidden = self.not_checked();
        let checked = self.checks.len().saturating_sub(hidden);
        let more = if self.unusable.is_some() {
            " The probe can't be used: see above."
        } else if self.has_probe {
            ""
        } else {
            " --probe would show more: docs/doctor.md."
        };
        format!("{wrong}; {checked} checked, {hidden} not checked.{more}")
    }

    /// For programs.
    pub(super) fn json(&self, url: &str) -> Value {
        let facts: serde_json::Map<_, _> = self
            .facts
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.as_str().into()))
            .collect();
        let checks: Vec<_> = self
            .checks
            .iter()
            .map(|(topic, verdict)| check(*topic, verdict))
            .collect();
        json!({
            "url": url, "facts": facts, "wrong": self.count(), "not_checked": self.not_checked(),
            "probe_problem": self.unusable, "checks": checks,
        })
    }
}

fn check(topic: Topic, verdict: &Verdict) -> Value {
    let mut check = json!({ "id": topic.id, "title": topic.title });
    let more = match verdict {
        Verdict::Good => json!({ "result": "ok" }),
        Verdict::NotChecked(reason) => json!({ "result": "not_checked", "reason": reason }),
        Verdict::Wrong(finding) => {
            let seen = finding.seen.iter();
            let seen: Vec<_> = seen
                .map(|(asked, answered)| json!({ "asked": asked, "answered": answered }))
                .collect();
            json!({
                "result": "wrong", "what": finding.what, "seen": seen, "why": finding.why,
                "mend": finding.mend.json(),
            })
        }
    };
    if let (Some(check), Value::Object(more)) = (check.as_object_mut(), more) {
        check.extend(more);
    }
    check
}

/// A text behind its label, wrapped.
pub(super) fn labelled(label: &str, text: &str) -> String {
    let lines = indented(text, 12);
    format!("     {label:5}  {}", lines.trim_start())
}

/// A text in lines of a readable length. What has no spaces stays whole, so that it can be copied.
fn indented(text: &str, indent: usize) -> String {
    const WIDTH: usize = 100;
    let mut lines = String::new();
    let mut line = String::new();
    for word in harmless(text).split(' ') {
        let full =
            !line.is_empty() && indent + line.chars().count() + word.chars().count() >= WIDTH;
        if full {
            lines += &format!("{:indent$}{line}\n", "");
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line += word;
    }
    lines + &format!("{:indent$}{line}\n", "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_site_says_can_not_steer_the_terminal() {
        assert_eq!(labelled("seen", "a\u{1b}[2J"), "     seen   a\u{fffd}[2J\n");
    }

    #[test]
    fn long_texts_are_wrapped_between_words() {
        let text = format!("{} {}", "a".repeat(80), "b".repeat(200));
        let lines: Vec<_> = indented(&text, 2).lines().map(str::len).collect();
        assert_eq!(lines, [82, 202]);
        assert_eq!(labelled("why", "it is so"), "     why    it is so\n");
    }
}
