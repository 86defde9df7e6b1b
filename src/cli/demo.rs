//! `doorward demo`: Doorward and its gateway before the sample app, on this machine alone.
//!
//! All it needs is made in a temporary folder that goes when the demo ends. Its configuration is written there and
//! read like any other, so that the demo is held to the same checks; the user's own is not looked at.

mod provider;

use std::fs::{self, Permissions};
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::Context;
use doorward_verify::{Binding, Key, Verifier};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::print;
use super::serve::stop_signal;
use crate::app::{self, Application, System};
use crate::config::Config;
use crate::demo;
use crate::domain::random::{self, SystemRandom};

/// The port to have if nobody else has it.
const USUAL_PORT: u16 = 8080;
/// The sample app's id.
const APP: &str = "shop";

/// The words behind `demo`.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Arguments {
    #[command(subcommand)]
    part: Option<Part>,
    /// Where to listen: a loopback address and a port, 0 for a free one [default: 127.0.0.1:8080, or a free port if
    /// that is taken]
    #[arg(long, value_name = "ADDRESS", value_parser = loopback)]
    listen: Option<SocketAddr>,
}

/// A part of the demo by itself.
#[derive(Debug, clap::Subcommand)]
enum Part {
    /// Run the demo's pretend OpenID provider alone, for a Doorward of your own on this machine
    #[command(after_help = provider::EXAMPLES)]
    Provider(provider::Arguments),
}

fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr = text
        .parse()
        .map_err(|_| "write an address and a port, such as 127.0.0.1:8080".to_owned())?;
    if address.ip().is_loopback() {
        Ok(address)
    } else {
        Err(
            "the demo is for this machine alone: write a loopback address, such as 127.0.0.1:8080"
                .to_owned(),
        )
    }
}

/// Runs the demo until SIGINT or SIGTERM.
pub(super) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    if let Some(Part::Provider(arguments)) = &arguments.part {
        return provider::run(arguments);
    }
    // The key in it is nobody else's business.
    let private = Permissions::from_mode(0o700);
    let folder = tempfile::Builder::new()
        .prefix("doorward-demo-")
        .permissions(private)
        .tempdir();
    let folder = folder.context("a temporary folder can't be made")?;
    super::runtime()?.block_on(serve(arguments.listen, folder.path()))?;
    let path = folder.path().display().to_string();
    folder
        .close()
        .with_context(|| format!("{path} can't be removed"))?;
    Ok(print::block(&format!("\n  Stopped. {path} is gone.\n\n"))?)
}

async fn serve(asked: Option<SocketAddr>, folder: &Path) -> anyhow::Result<()> {
    let stop = stop_signal()?;
    let listen = asked.unwrap_or_else(usual_or_free);
    let shop = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .context("the sample app can't listen")?;
    let town = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .context("the pretend provider can't listen")?;
    let issuer = format!("http://{}", town.local_addr()?);
    let key = hex::encode(random::bytes::<32>(&SystemRandom)?);
    let file = folder.join("doorward.toml");
    fs::write(
        &file,
        configuration(listen, folder, &key, (shop.local_addr()?, &issuer)),
    )
    .with_context(|| format!("{} can't be written", file.display()))?;
    let config = Config::load(Some(&file), [])?;
    app::start_logging(&config)?;
    let application = Application::build(&config, System::default()).await?;

    let verifier = Verifier::builder(APP)
        .keys([Key::from_hex(&key)?])
        .binding(Binding::Request)
        .build()?;
    let (leave, left) = oneshot::channel::<()>();
    let town = tokio::spawn(demo::provider::serve(town, issuer, async {
        let _ = left.await;
    }));
    let (close, closed) = oneshot::channel::<()>();
    let shop = tokio::spawn(demo::serve(shop, verifier, async {
        let _ = closed.await;
    }));
    let elsewhere = asked.is_none() && listen.port() != USUAL_PORT;
    print::block(&welcome(&application, folder, elsewhere))?;
    let served = application.run(stop).await;
    // Only now: until here the gateway may have had requests for it.
    drop((close, leave));
    shop.await??;
    town.await??;
    served
}

/// The usual address, or a free port if the usual one is taken under either address of `localhost`.
fn usual_or_free() -> SocketAddr {
    let taken = |ip: IpAddr| {
        let bound = std::net::TcpListener::bind((ip, USUAL_PORT));
        bound.is_err_and(|error| error.kind() == ErrorKind::AddrInUse)
    };
    let taken = taken(Ipv4Addr::LOCALHOST.into()) || taken(Ipv6Addr::LOCALHOST.into());
    SocketAddr::from((Ipv4Addr::LOCALHOST, if taken { 0 } else { USUAL_PORT }))
}

fn configuration(
    listen: SocketAddr,
    folder: &Path,
    key: &str,
    (shop, issuer): (SocketAddr, &str),
) -> String {
    let (name, client_id) = (demo::provider::NAME, demo::provider::CLIENT_ID);
    let database = folder.join("doorward.db");
    let database = toml::Value::from(format!("sqlite://{}", database.display()));
    let mut hosts = vec![
        "localhost".to_owned(),
        "127.0.0.1".to_owned(),
        "[::1]".to_owned(),
    ];
    let own = host(listen);
    if !hosts.contains(&own) {
        hosts.push(own);
    }
    format!(
        r#"# Made by `doorward demo`, and gone when it ends.

[server]
listen = "{listen}"
internal_listen = "127.0.0.1:0"

[database]
url = {database}

[apps.{APP}]
hosts = {hosts:?}
keys = ["{key}"]
binding = "request"
upstream = "http://{shop}"
default_access = "optional"
rules = [
    {{ path = "/members", access = "user" }},
    {{ path = "/proof", access = "user" }},
]

# A pretend provider, in this process too.
[providers.town-id]
kind = "oidc"
name = "{name}"
issuer = "{issuer}"
client_id = "{client_id}"
trust_email = true

[log]
level = "warn"
"#
    )
}

/// What a browser on this machine calls the listener.
fn host(listen: SocketAddr) -> String {
    match listen.ip() {
        ip if ip == Ipv4Addr::LOCALHOST || ip == Ipv6Addr::LOCALHOST => "localhost".to_owned(),
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    }
}

fn welcome(application: &Application, folder: &Path, elsewhere: bool) -> String {
    let public = application.public_address();
    let address = format!("http://{}:{}", host(public), public.port());
    let verify = application.internal_address();
    let folder = folder.display();
    let notice = if elsewhere {
        format!("\n  Port {USUAL_PORT} is taken, so it is on another one.\n")
    } else {
        String::new()
    };
    format!(
        r"
  Doorward keeps the door of a small bookshop. Please come in:

      {address}/
{notice}
  What to try
      /           The shop is open to everybody.
      /members    Here you are asked to sign in. Create an account with any
                  e-mail address; no mail is sent. Or choose Town ID, a pretend
                  provider: it lets you be whoever you like.
      /proof      The signed X-UserId of your own request, and what becomes of
                  a forged, a stolen and an old one.

  Ask Doorward as a proxy does
      curl -i http://{verify}/verify/nginx \
          -H 'X-Original-Method: GET' -H 'X-Original-URL: {address}/'
      It says 200 with a signed X-UserId. Ask about {address}/members
      and it says 401, and where to sign in.

  Its database and its doorward.toml are in
      {folder}
  and are removed when you stop it. Stop it with Ctrl-C.

"
    )
}
