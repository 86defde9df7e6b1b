//! What the two commands must agree on: the app, its keys and its binding.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use doorward_verify::{Binding, Key, parse_keys_file};
use zeroize::Zeroizing;

use super::target::Target;
use crate::app;
use crate::domain::app::Binding as Configured;
use crate::domain::ids::AppId;
use crate::domain::random::SystemRandom;

#[derive(Debug, Args)]
pub(super) struct Terms {
    /// The id of the app
    #[arg(long, value_name = "APP")]
    pub(super) app: AppId,
    /// The app's keys, one a line as hex; the configuration is then not read
    #[arg(long, value_name = "FILE")]
    keys_file: Option<PathBuf>,
    #[command(flatten)]
    pub(super) target: Target,
}

/// What an `X-UserId` is bound to, as the configuration writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum BindingWord {
    /// The app alone
    App,
    /// One method, host and URI
    Request,
}

/// Terms that fit together.
#[derive(Debug)]
pub(super) struct Settled {
    /// The app's keys; the first signs. Never empty.
    pub(super) keys: Vec<Key>,
    pub(super) binding: Binding,
}

impl Terms {
    /// Reads the keys, and the binding where the configuration has one.
    pub(super) fn settle(
        &self,
        wanted: Option<BindingWord>,
        config: Option<&Path>,
    ) -> anyhow::Result<Settled> {
        let (keys, configured) = match &self.keys_file {
            Some(file) => (read_keys(file)?, None),
            None => self.configured(config)?,
        };
        let binding = agree(&self.app, configured, wanted, self.target.is_given())?;
        Ok(Settled { keys, binding })
    }

    fn configured(&self, config: Option<&Path>) -> anyhow::Result<(Vec<Key>, Option<BindingWord>)> {
        let config = crate::cli::load(config)?;
        let Some(app) = config.apps.get(&self.app) else {
            let known: Vec<_> = config.apps.keys().map(AppId::as_str).collect();
            bail!(
                "the configuration has no app {}; it has {}",
                self.app,
                known.join(", ")
            );
        };
        let binding = match app.binding {
            Configured::App => BindingWord::App,
            Configured::Request => BindingWord::Request,
        };
        Ok((app::keys(app, &SystemRandom)?, Some(binding)))
    }
}

fn read_keys(file: &Path) -> anyhow::Result<Vec<Key>> {
    let text = std::fs::read_to_string(file).map(Zeroizing::new);
    let text = text.with_context(|| format!("the keys file {} can't be read", file.display()))?;
    parse_keys_file(&text).with_context(|| file.display().to_string())
}

/// The binding on which configuration, words and request agree.
fn agree(
    app: &AppId,
    configured: Option<BindingWord>,
    wanted: Option<BindingWord>,
    has_request: bool,
) -> anyhow::Result<Binding> {
    let implied = if has_request {
        BindingWord::Request
    } else {
        BindingWord::App
    };
    let binding = configured.or(wanted).unwrap_or(implied);
    if let (Some(configured), Some(wanted)) = (configured, wanted)
        && configured != wanted
    {
        let word = configured.word();
        bail!("the binding of the app {app} is configured as \"{word}\": leave --binding out");
    }
    match (binding, has_request) {
        (BindingWord::App, false) => Ok(Binding::App),
        (BindingWord::Request, true) => Ok(Binding::Request),
        (BindingWord::App, true) => bail!(
            "the binding of the app {app} is \"app\", which covers no method and URL: leave out \
             --method and --url"
        ),
        (BindingWord::Request, false) => bail!(
            "the binding of the app {app} is \"request\": name the request with --method and --url"
        ),
    }
}

impl BindingWord {
    const fn word(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Request => "request",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configuration_words_and_request_must_agree() {
        use BindingWord::{App, Request};
        let app = "shop".parse().unwrap();
        let agreed = |configured, wanted, request| agree(&app, configured, wanted, request).ok();
        for (configured, wanted, request, binding) in [
            (None, None, false, Some(Binding::App)),
            (None, None, true, Some(Binding::Request)),
            (None, Some(Request), true, Some(Binding::Request)),
            (None, Some(Request), false, None),
            (None, Some(App), true, None),
            (Some(App), None, false, Some(Binding::App)),
            (Some(App), None, true, None),
            (Some(App), Some(Request), true, None),
            (Some(Request), None, false, None),
            (Some(Request), None, true, Some(Binding::Request)),
            (Some(Request), Some(App), false, None),
        ] {
            assert_eq!(
                agreed(configured, wanted, request),
                binding,
                "{configured:?} {wanted:?} {request}"
            );
        }
    }
}
