//! What an operator does beside a running Doorward, with its commands.

use super::support::doorward::Doorward;

/// Runs a command that succeeds.
pub(crate) async fn operate(doorward: &Doorward, words: &[&str]) {
    operate_with(doorward, words, "").await;
}

/// As [`operate`], with something on standard input.
pub(crate) async fn operate_with(doorward: &Doorward, words: &[&str], input: &str) {
    let output = doorward.command_with_input(words, input).await;
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{words:?}: {told}");
}
