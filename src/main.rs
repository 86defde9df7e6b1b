//! The `doorward` binary.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// A verification takes and returns a dozen small pieces of memory; docs/performance.md says what this saves.
#[global_allocator]
static MEMORY: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    doorward::cli::run()
}
