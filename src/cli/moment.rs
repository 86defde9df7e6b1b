//! Moments and spans of time, as people read them.

use std::time::Duration;

use time::UtcDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use crate::domain::clock::Timestamp;

const FOR_PEOPLE: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day] [hour]:[minute] UTC");

/// `2026-11-22 12:01 UTC`.
pub(super) fn for_people(moment: Timestamp) -> String {
    // Every moment has these parts.
    UtcDateTime::from(moment.to_datetime())
        .format(FOR_PEOPLE)
        .unwrap_or_default()
}

/// `30 days`, `12 hours`: in the largest unit of which it is a whole number.
pub(super) fn span(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let units = [(86_400, "day"), (3_600, "hour"), (60, "minute")];
    let fitting = units
        .into_iter()
        .find(|(unit, _)| seconds >= *unit && seconds.is_multiple_of(*unit));
    let (unit, name) = fitting.unwrap_or((1, "second"));
    super::layout::counted(seconds / unit, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_in_utc() {
        let moment = Timestamp::from_micros(1_795_348_865_999_999);
        assert_eq!(for_people(moment), "2026-11-22 12:01 UTC");
    }

    #[test]
    fn a_span_has_the_largest_whole_unit() {
        let spans = [
            (2_592_000, "30 days"),
            (86_400, "1 day"),
            (90_000, "25 hours"),
            (90, "90 seconds"),
        ];
        for (seconds, text) in spans {
            assert_eq!(span(Duration::from_secs(seconds)), text);
        }
    }
}
