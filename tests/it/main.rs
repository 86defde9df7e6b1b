//! The integration tests: the real binary, with real servers around it.
//!
//! Modules mirror the URLs they ask for. `support` starts what they need.
#![cfg(test)]

mod account;
mod browser;
mod cli;
mod concurrency;
mod cookies;
mod demo;
mod doctor;
mod enumeration;
mod examples;
mod fixation;
mod forgery;
mod gateway;
mod in_process;
mod injection;
mod lifetimes;
mod limits;
mod login;
mod logout;
mod logs;
mod loops;
mod operator;
mod pages;
mod proxies;
mod readme;
mod redirects;
mod register;
mod session;
mod shutdown;
mod storage;
mod support;
mod verify;
mod visitor;
mod wire;
