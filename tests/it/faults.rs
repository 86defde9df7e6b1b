//! Stores that are down, hang, refuse or are slow, and what is in them that we did not put there (THREATS 2 and 21).
//!
//! Every case breaks real servers that it started itself, asks two nodes what a proxy and a visitor would ask, mends the
//! servers, and sees that everything comes back by itself and that nothing is lost that somebody was told is done.

mod chaos;
mod garbage;
mod network;
mod postgres;
mod promises;
mod redis;
mod site;
mod sqlite;
mod uses;
mod walk;
