//! The commands, as an operator and an app's developer type them. `operator` is the same without the words.

mod config;
mod explain;
mod header;
mod healthcheck;
mod proxy_config;
mod session;
mod user;

use std::process::Output;

use super::support::doorward::Doorward;

/// What a command left behind.
#[derive(Debug)]
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        Self {
            code: output.status.code(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }
}

impl Said {
    /// Standard output of a command that did what it was told.
    #[track_caller]
    fn done(self) -> String {
        assert_eq!(
            (self.code, self.err.as_str()),
            (Some(0), ""),
            "{}",
            self.out
        );
        self.out
    }

    /// Standard error of a command that failed with this code and wrote nothing else.
    #[track_caller]
    fn failed(self, code: i32) -> String {
        assert_eq!(
            (self.code, self.out.as_str()),
            (Some(code), ""),
            "{}",
            self.err
        );
        self.err
    }
}

/// Runs a command on the configuration and the database of `doorward`.
async fn run(doorward: &Doorward, arguments: &[&str]) -> Said {
    doorward.command(arguments).await.into()
}

/// As [`run`], with a line on standard input.
async fn type_in(doorward: &Doorward, arguments: &[&str], line: &str) -> Said {
    doorward
        .command_with_input(arguments, &format!("{line}\n"))
        .await
        .into()
}
