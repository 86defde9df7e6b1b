//! The `doorward` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    doorward::cli::run()
}
