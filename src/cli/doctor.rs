//! `doorward doctor`: asks an app's public address as a stranger would, and says what is wrong and which line mends it.
//!
//! A stranger has no account: nothing here signs in, and every request could come from anybody. Must not show a key or
//! a signature.

mod address;
mod ask;
mod checks;
mod client;
mod exam;
mod mend;
mod probe;
mod report;
mod site;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use clap::Args;
use reqwest::Certificate;

use super::layout::counted;
use super::print;
use super::proxy_config::Proxy;
use crate::config::ConfigErrors;
use crate::domain::access::Access;
use crate::domain::host::{Authority, Origin, Scheme};
use crate::domain::ids::AppId;
use crate::domain::random::{self, SystemRandom};
use address::{Address, HostPort, Page};
use ask::{Answer, Ask};
use client::{Client, Place, Unanswered};
use exam::{Exam, origin_of};
use probe::{Probe, Seen};
use report::Report;
use site::Site;

/// The identity header.
const X_USER_ID: &str = "x-userid";

pub(super) const HELP: &str = "\
The configuration, where there is one, says what is right: run it where doorward.toml is, or name that with --config.
Nothing is sent that changes anything, and no account is needed.

Exit code 0: nothing is wrong. 1: something is, or address or probe do not answer. 2: wrong words or configuration.

Examples:
  doorward doctor https://shop.example.com
  doorward doctor https://shop.example.com --probe /doctor-probe --json
  doorward doctor https://shop.example.com --connect-to 203.0.113.5:443";

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The public address of the app; a path behind it names a page that needs a session
    url: Address,
    /// The app that should be there [default: the one that has this host]
    #[arg(long, value_name = "ID")]
    app: Option<AppId>,
    /// A page of the app that shows the headers it was sent: see docs/doctor.md
    #[arg(long, value_name = "PATH")]
    probe: Option<Page>,
    /// Connect there instead of to the address of the name
    #[arg(long, value_name = "HOST:PORT")]
    connect_to: Option<HostPort>,
    /// Where plain HTTP is [default: port 80 of the same]
    #[arg(long, value_name = "HOST:PORT")]
    connect_to_http: Option<HostPort>,
    /// Trust the certificates of these authorities (PEM) instead of the system's
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// The proxy in front [default: as its answers say; otherwise lines for each]
    #[arg(
        long,
        value_enum,
        hide_possible_values = true,
        value_name = "nginx|traefik|caddy|haproxy|envoy"
    )]
    proxy: Option<Proxy>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Looks at everything, and prints what was found.
pub(super) fn run(arguments: &Arguments, file: Option<&Path>) -> anyhow::Result<()> {
    let site = match Site::find(arguments, file) {
        Err(error) if !error.is::<ConfigErrors>() => print::wrong_words(error),
        found => found?,
    };
    refuse_open_page(&site);
    refuse_guarded_probe(&site, arguments.probe.as_ref());
    let authorities = match &arguments.ca {
        Some(file) => Some(authorities(file).unwrap_or_else(|error| print::wrong_words(error))),
        None if !site.needs_certificates() => Some(Vec::new()),
        None => None,
    };
    let client = Client::new(authorities)
        .context("the certificates of this system can't be used; name your own with --ca FILE")?;
    let report = super::runtime()?.block_on(examine(arguments, site, &client))?;
    let url = arguments.url.origin.to_string();
    if arguments.json {
        print::line(format!("{:#}", report.json(&url)))?;
    } else {
        print::block(&report.text(&format!("{url}, as a stranger sees it")))?;
    }
    match report.count() as u64 {
        0 if report.unusable.is_some() => bail!("the probe can't be used"),
        0 => Ok(()),
        count => bail!("{} found something wrong", counted(count, "check")),
    }
}

/// The page behind the URL has to need a session. Where a rule says otherwise, strangers see it rightly.
fn refuse_open_page(site: &Site) {
    let (Some(page), Some(known)) = (&site.page, &site.known) else {
        return;
    };
    if let Some(access @ (Access::Public | Access::Optional | Access::Deny)) = site.access(page) {
        let app = &known.app.id;
        print::wrong_words(format!(
            "the rules of {app} say {access} for {page}: name a page that needs a session, or none"
        ));
    }
}

/// The probe has to be seen by strangers. Where a rule says otherwise, nothing needs to be asked.
fn refuse_guarded_probe(site: &Site, probe: Option<&Page>) {
    let Some(Page(path)) = probe else { return };
    if let Some(access @ (Access::User | Access::Deny)) = site.access(path) {
        let path = path.split('?').next().unwrap_or_default();
        print::wrong_words(format!(
            "the rules of the app say {access} for the probe {path}, but a stranger must see it: put\n    \
             {{ path = \"{path}\", access = \"public\" }},\nfirst among its rules"
        ));
    }
}

fn authorities(file: &Path) -> anyhow::Result<Vec<Certificate>> {
    let pem = fs::read(file).map_err(|error| {
        anyhow!(
            "the file of --ca, {}, can't be read: {error}",
            file.display()
        )
    })?;
    match Certificate::from_pem_bundle(&pem) {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => bail!("{} holds no certificate in PEM form", file.display()),
    }
}

async fn examine(arguments: &Arguments, site: Site, client: &Client) -> anyhow::Result<Report> {
    let app = client
        .place(&site.origin, arguments.connect_to.as_ref())
        .await?;
    let random = random::bytes::<4>(&SystemRandom)?;
    let mark = format!("doorward-doctor-{}", hex::encode(random));
    let guarded = site.guarded(&mark);
    let unreachable = |unanswered: Unanswered| anyhow!("{}: {}", site.origin, unanswered.problem);
    let gate = match &guarded {
        Some(guarded) => {
            let ask = Ask::navigate(&app, &*guarded.path);
            Some(client.send(&ask).await.map_err(unreachable)?)
        }
        None => None,
    };
    if let (Some(guarded), Some(gate)) = (&guarded, &gate) {
        refuse_http_of_https(&site, &guarded.path, gate);
    }
    let sign_in = sign_in(arguments, (&site, &app), gate.as_ref(), client).await?;
    let session = Ask::json(&sign_in, format!("{}/login/session", site.base_path));
    let session = client.send(&session).await.map_err(unreachable)?;
    let probe = match &arguments.probe {
        None => None,
        Some(Page(path)) => Some(probe(path, (&site, &app), client).await),
    };
    let plain_http = plain_http(arguments, &site, client).await;
    let exam = Exam {
        client,
        site,
        app,
        sign_in,
        plain_http,
        mark,
        guarded,
        gate,
        session,
        probe,
    };
    let proxy = arguments.proxy.or_else(|| recognised(&exam));
    let mut report = Report::new(facts(&exam, proxy), exam.probe.as_ref());
    checks::run(&exam, &mut report).await;
    report.mend_with(proxy, exam.app_id().as_deref());
    Ok(report)
}

/// What the probe says to a plain request.
async fn probe(path: &str, (site, app): (&Site, &Place), client: &Client) -> Probe {
    let plain = match client.send(&Probe::ask(app, path)).await {
        Err(unanswered) => Err(unanswered.problem),
        Ok(answer) => {
            let status = answer.status;
            let advice = |problem| format!("{problem}{}", probe::advice(status, path, site));
            Seen::read(answer).map_err(advice)
        }
    };
    Probe {
        path: path.to_owned(),
        plain,
    }
}

/// A site that leads all plain HTTP to https is asked about by https.
fn refuse_http_of_https(site: &Site, path: &str, gate: &Answer) {
    let origin = &site.origin;
    let location = gate.location().unwrap_or_default();
    let secure = format!("https://{}", origin.name());
    if origin.scheme() == Scheme::Http
        && gate.is_redirect()
        && location.starts_with(&secure)
        && exam::path_of(location) == Some(path)
    {
        print::wrong_words(format!("{origin} leads to https: ask about {secure}"));
    }
}

/// Where the sign-in pages are. Without a configuration, there where visitors are sent with the whole address to come
/// back to.
async fn sign_in(
    arguments: &Arguments,
    (site, app): (&Site, &Place),
    gate: Option<&Answer>,
    client: &Client,
) -> anyhow::Result<Place> {
    let told = gate.and_then(Answer::location).filter(|location| {
        let back = exam::query(location, "rd");
        site.known.is_none()
            && back.is_some_and(|back| origin_of(&back).as_ref() == Some(&site.origin))
    });
    let origin = told
        .and_then(origin_of)
        .unwrap_or_else(|| site.sign_in_origin().clone());
    if origin == site.origin {
        return Ok(app.clone());
    }
    Ok(client.place(&origin, arguments.connect_to.as_ref()).await?)
}

/// Where plain HTTP would be answered, if that can be told.
async fn plain_http(arguments: &Arguments, site: &Site, client: &Client) -> Option<Place> {
    let name = Authority::parse(site.origin.name().as_str()).ok()?;
    let origin = Origin::new(Scheme::Http, name);
    let to = match (&arguments.connect_to_http, &arguments.connect_to) {
        (Some(to), _) => Some(to.clone()),
        (None, Some(to)) if to.port == Scheme::Https.default_port() => Some(HostPort {
            host: to.host.clone(),
            port: Scheme::Http.default_port(),
        }),
        (None, None) if site.origin.port().is_none() => None,
        (None, _) => return None,
    };
    client.place(&origin, to.as_ref()).await.ok()
}

/// The proxy, by what it says of itself. Doorward says nothing there, so of its pages it is the proxy's word.
fn recognised(exam: &Exam<'_>) -> Option<Proxy> {
    let answer = Some(&exam.session)
        .filter(|_| exam.pages_answer())
        .or(exam.gate.as_ref())?;
    mend::recognised(answer.header("server"), answer.header("via"))
}

fn facts(exam: &Exam<'_>, proxy: Option<Proxy>) -> Vec<(&'static str, String)> {
    let addresses: Vec<_> = exam
        .app
        .addresses()
        .iter()
        .map(ToString::to_string)
        .collect();
    let app = match &exam.site.known {
        Some(known) => format!("{}, as the configuration says", known.app.id),
        None => "no configuration has this host; only what needs none is checked".to_owned(),
    };
    let proxy = match proxy {
        Some(proxy) => mend::name(proxy).to_owned(),
        None => "not recognised; --proxy names it".to_owned(),
    };
    let probe = match &exam.probe {
        None => "none; --probe lets the app say what reaches it".to_owned(),
        Some(Probe { path, plain }) => match plain {
            Ok(_) => path.clone(),
            Err(problem) => format!("{path}: {problem}"),
        },
    };
    let page = match &exam.guarded {
        None => "none".to_owned(),
        Some(guarded) => guarded.path.clone(),
    };
    vec![
        ("asked at", addresses.join(", ")),
        ("app", app),
        ("proxy", proxy),
        ("needs a session", page),
        ("probe", probe),
    ]
}
