//! What an operator does beside a running Doorward: the services in this process, on its configuration and database.

use doorward::app::{self, System};
use doorward::config::Config;
use doorward::domain::password::NewPassword;
use doorward::domain::user::User;
use doorward::services::Services;

use super::support::doorward::Doorward;

/// The services on the configuration of `doorward`, without its listeners.
pub(crate) fn services(doorward: &Doorward) -> Services {
    let config = Config::load(Some(&doorward.config_file()), []).expect("it runs on it");
    app::services(&config, System::default()).expect("it runs on it")
}

/// The account with this address in the pool of the only app.
pub(crate) async fn user(services: &Services, email: &str) -> User {
    let app = services.apps.iter().next().expect("an app");
    let email = email.parse().expect("an address");
    services
        .accounts
        .by_email(&app.pool, &email)
        .await
        .expect("an account")
}

/// Text as a password that may be kept.
pub(crate) fn new_password(text: &str) -> NewPassword {
    NewPassword::parse(text.to_owned(), &[]).expect("strong")
}
