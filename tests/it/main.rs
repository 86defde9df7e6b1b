//! The integration tests: the real binary, with real servers around it.
//!
//! Modules mirror the URLs they ask for. `support` starts what they need.
#![cfg(test)]

mod account;
mod browser;
mod cli;
mod concurrency;
mod connections;
mod cookies;
mod demo;
mod doctor;
mod enumeration;
mod examples;
mod faults;
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
mod metrics;
mod nodes;
mod oauth;
mod operator;
mod pages;
mod proxies;
mod readme;
mod redirects;
mod redis;
mod register;
mod session;
mod shutdown;
mod storage;
mod support;
mod throttle;
mod traces;
mod verify;
mod visitor;
mod wire;
