//! The verify endpoints: one suite of cases, asked through every dialect.
//!
//! A [`case::Case`] is data: what a visitor asks for and how. A [`dialect::Endpoint`] turns it into
//! the subrequest its proxy would send, and [`verdict`] holds the answer against the table of the
//! design. Tests are named after the threats they hold.

mod case;
mod dialect;
mod exchange;
mod verdict;
mod world;

mod app_cookies;
mod cookies;
mod explained;
mod headers;
mod hosts;
mod identity;
mod listeners;
mod methods;
mod pages;
mod paths;
mod peers;
mod pinned;
mod rules;
mod sessions;
mod shared_domain;
mod sign_in;
mod store;
