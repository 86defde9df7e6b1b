//! What stands ready in `examples/` beside the proxies, as far as it can run without an engine for containers.

mod app;
mod compose;
mod dockerfile;
mod image;
mod kubernetes;
mod systemd;
