//! Facts about a page request, each found once and typed.
//!
//! The pipeline puts [`Facts`] beside the request; extractors take their part of them.

mod client;
mod facts;
mod format;
mod lines;
mod place;
mod query;
mod rd;
mod submission;
mod visit;

pub(super) use client::{client_address, forwarded_request_id, request_id};
pub(super) use facts::{Facts, Here, Known};
pub(super) use format::{Format, names};
pub(super) use lines::{Doubtful, only};
pub(super) use place::place_of;
pub(super) use query::Query;
pub(super) use rd::Rd;
pub(super) use submission::Submission;
pub(super) use visit::Visit;
