//! A real browser without a window, driven through its own driver.

use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use thirtyfour::{ChromiumLikeCapabilities as _, DesiredCapabilities, WebDriver};

use super::process::{Process, eventually, program};

/// With a pipe for its debugger the browser ends when its driver does; the rest keeps it from talking to the world.
const ARGUMENTS: [&str; 10] = [
    "--remote-debugging-pipe",
    "--headless=new",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// A browser with a profile of its own. Everything a [`WebDriver`] can do, it can.
pub(crate) struct Chromium {
    driver: WebDriver,
    _process: Process,
}

/// What the visitor has chosen in the system's settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColourScheme {
    Light,
    Dark,
}

impl Chromium {
    pub(crate) async fn start() -> Self {
        // Below the project: a Chromium from a snap may not look into /tmp.
        let folder = tempfile::Builder::new()
            .prefix("chromium-")
            .tempdir_in(target_tmp());
        let folder = folder.expect("folder").keep();
        let mut command = Command::new(program("CHROMEDRIVER", &["chromedriver"]));
        command.arg("--port=0").current_dir(&folder);
        let log = folder.join("log");
        let mut process = Process::start_removing(&command, "TERM", &log, Some(&folder));
        let port = eventually("chromedriver", async || {
            assert!(process.ended().is_none(), "chromedriver: {}", process.log());
            port_in(&process.log())
        })
        .await;

        let mut wanted = DesiredCapabilities::chrome();
        let browser = program(
            "CHROMIUM",
            &["chromium", "chromium-browser", "google-chrome"],
        );
        wanted
            .set_binary(&browser.to_string_lossy())
            .expect("a capability");
        let profile = format!("--user-data-dir={}", folder.join("profile").display());
        for argument in ARGUMENTS.into_iter().chain([profile.as_str()]) {
            wanted.add_arg(argument).expect("a capability");
        }
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), wanted).await;
        let driver = driver.unwrap_or_else(|error| panic!("{error}\n{}", process.log()));
        Self {
            driver,
            _process: process,
        }
    }

    /// The size of what the page has for itself, in CSS pixels.
    pub(crate) async fn set_size(&self, width: u32, height: u32) {
        let metrics = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false,
        });
        self.emulate("setDeviceMetricsOverride", metrics).await;
    }

    pub(crate) async fn set_colour_scheme(&self, scheme: ColourScheme) {
        let value = match scheme {
            ColourScheme::Light => "light",
            ColourScheme::Dark => "dark",
        };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": value }] });
        self.emulate("setEmulatedMedia", features).await;
    }

    /// Turns JavaScript off or on for the pages loaded from now on.
    pub(crate) async fn set_scripts(&self, on: bool) {
        self.emulate("setScriptExecutionDisabled", json!({ "value": !on }))
            .await;
    }

    async fn emulate(&self, command: &str, parameters: Value) {
        let result = self
            .driver
            .cdp()
            .send_raw(&format!("Emulation.{command}"), parameters)
            .await;
        result.unwrap_or_else(|error| panic!("{command}: {error}"));
    }

    /// Writes `target/screenshots/<name>.png` of what is visible, for people to look at.
    pub(crate) async fn screenshot(&self, name: &str) -> PathBuf {
        let folder = target_tmp().with_file_name("screenshots");
        fs::create_dir_all(&folder).expect("own folder");
        let file = folder.join(format!("{name}.png"));
        self.driver.screenshot(&file).await.expect("a picture");
        file
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // The browser ends with its driver's process. The farewell that the client would send first
        // needs the very runtime that this blocks.
        let _ = self.driver.clone().leak();
    }
}

impl Deref for Chromium {
    type Target = WebDriver;

    fn deref(&self) -> &WebDriver {
        &self.driver
    }
}

/// The folder `tmp` of Cargo's target folder.
fn target_tmp() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

fn port_in(log: &str) -> Option<u16> {
    let (_, rest) = log.split_once("started successfully on port ")?;
    rest.split_once('.')?.0.parse().ok()
}
