//! How domain types stand in columns: the same Rust type, an idiomatic column in each database.
//!
//! A [`Timestamp`] is a `timestamptz` in PostgreSQL and an INTEGER of microseconds in SQLite, because SQLite would
//! compare text timestamps as text. Must not hold a statement.

use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::PgValueFormat;
use sqlx::{Database, Decode, Encode, Postgres, Sqlite, Type};
use time::OffsetDateTime;

use crate::domain::clock::Timestamp;

impl Type<Postgres> for Timestamp {
    fn type_info() -> <Postgres as Database>::TypeInfo {
        <OffsetDateTime as Type<Postgres>>::type_info()
    }
}

impl Encode<'_, Postgres> for Timestamp {
    fn encode_by_ref(
        &self,
        buffer: &mut <Postgres as Database>::ArgumentBuffer,
    ) -> Result<IsNull, BoxDynError> {
        <OffsetDateTime as Encode<Postgres>>::encode_by_ref(&self.to_datetime(), buffer)
    }
}

/// PostgreSQL counts from the year 2000.
const POSTGRES_EPOCH: i64 = 946_684_800_000_000;

impl<'r> Decode<'r, Postgres> for Timestamp {
    /// Any value of the column is a moment, `infinity` and years of five digits too, which the driver's own type can't hold
    /// and panics at.
    fn decode(value: <Postgres as Database>::ValueRef<'r>) -> Result<Self, BoxDynError> {
        if value.format() == PgValueFormat::Text {
            return <OffsetDateTime as Decode<Postgres>>::decode(value).map(Self::from);
        }
        let micros = <i64 as Decode<Postgres>>::decode(value)?;
        Ok(Self::from_micros(micros.saturating_add(POSTGRES_EPOCH)))
    }
}

impl Type<Sqlite> for Timestamp {
    fn type_info() -> <Sqlite as Database>::TypeInfo {
        <i64 as Type<Sqlite>>::type_info()
    }

    fn compatible(other: &<Sqlite as Database>::TypeInfo) -> bool {
        <i64 as Type<Sqlite>>::compatible(other)
    }
}

impl Encode<'_, Sqlite> for Timestamp {
    fn encode_by_ref(
        &self,
        buffer: &mut <Sqlite as Database>::ArgumentBuffer,
    ) -> Result<IsNull, BoxDynError> {
        <i64 as Encode<Sqlite>>::encode_by_ref(&self.micros(), buffer)
    }
}

impl<'r> Decode<'r, Sqlite> for Timestamp {
    fn decode(value: <Sqlite as Database>::ValueRef<'r>) -> Result<Self, BoxDynError> {
        <i64 as Decode<Sqlite>>::decode(value).map(Self::from_micros)
    }
}

/// A list of short words in one text column, separated by spaces.
pub(super) fn join_words<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    words.into_iter().collect::<Vec<_>>().join(" ")
}

/// The words of such a column, each parsed; one that is malformed makes the row unreadable.
pub(super) fn split_words<T>(text: &str, parse: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    text.split_ascii_whitespace().map(parse).collect()
}
