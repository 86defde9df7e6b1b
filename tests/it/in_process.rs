//! Doorward's services in the process of the test, for what no visitor can see: time, and the work that was done.

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;

use doorward::app::{self, System};
use doorward::config::Config;
use doorward::domain::password::{GivenPassword, NewPassword};
use doorward::services::Services;
use doorward::services::sessions::Entrance;

const KEY: &str = "7153b450a696816fd2ba60731377d8c7d8c2ebeade3378408d023e5b6d908d85";

/// The services of an installation with one app and its configuration in `folder`; `more` is further TOML.
pub(crate) fn services(folder: &Path, database: &str, more: &str, system: System) -> Services {
    let file = folder.join("doorward.toml");
    let app = format!("[apps.app]\nhosts = [\"localhost\"]\nkeys = [{KEY:?}]");
    let text = format!("[database]\nurl = {database:?}\n{app}\n{more}");
    std::fs::write(&file, text).expect("own folder");
    let config = Config::load(Some(&file), []).expect("a good configuration");
    app::services(&config, system).expect("built")
}

/// The URL of a SQLite database in `folder`.
pub(crate) fn sqlite(folder: &Path) -> String {
    format!("sqlite://{}", folder.join("doorward.db").display())
}

/// A browser that comes to the only app without any cookie.
pub(crate) fn entrance(services: &Services) -> Entrance {
    let app = services.apps.iter().next().expect("an app");
    Entrance {
        pool: app.pool.clone(),
        app: app.id.clone(),
        device: String::new(),
        remember: false,
        previous: Vec::new(),
        client: IpAddr::V4(Ipv4Addr::LOCALHOST),
        devices: Vec::new(),
    }
}

/// A password that somebody chose.
pub(crate) fn chosen(text: &str) -> NewPassword {
    NewPassword::parse(text.to_owned(), &[]).expect("strong")
}

/// A password that somebody gives to sign in.
pub(crate) fn given(text: &str) -> GivenPassword {
    GivenPassword::parse(text.to_owned()).expect("usable")
}
