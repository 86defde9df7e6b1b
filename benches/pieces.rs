//! The parts of a verification one by one, without a network: `cargo bench --bench pieces`.
//!
//! The whole is measured by `make bench`, which shows these beside it. Must use nothing but the library's public API.

use std::collections::HashMap;
use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion};
use doorward::domain::access::{Access, Policy, Rule, own_pages};
use doorward::domain::app::{App, Apps, Binding, Realm};
use doorward::domain::clock::{Clock, SystemClock, Timestamp};
use doorward::domain::decision::{Subject, decide};
use doorward::domain::host::{HostEntry, Origin};
use doorward::domain::ids::UserId;
use doorward::domain::original_request::OriginalRequest;
use doorward::domain::random::{SystemRandom, bytes, uuid};
use doorward::domain::session::{Factor, Session};
use doorward::services::assertion::Assertion;
use doorward::sessions::{Cache, Token};
use doorward_verify::{Key, Request, Scheme};

/// What everybody asks for.
const PLAIN: &str = "http://localhost/orders/2048?page=3";
/// What has to be read in several ways.
const TRICKY: &str = "http://localhost/Orders/..%2f%2e%2e;v=1//2048/?page=3";
/// The sessions in the cache.
const KNOWN: usize = 10_000;

fn main() -> Result<(), Box<dyn Error>> {
    let mut criterion = Criterion::default()
        .measurement_time(Duration::from_secs(2))
        .warm_up_time(Duration::from_secs(1))
        .configure_from_args();
    let mut group = criterion.benchmark_group("pieces");
    parse(&mut group);
    judge(&mut group)?;
    known(&mut group)?;
    sign(&mut group)?;
    group.finish();
    criterion.final_summary();
    Ok(())
}

/// From what the proxy wrote to the request as rules see it.
fn parse(group: &mut BenchmarkGroup<'_, WallTime>) {
    for (name, url) in [
        ("1 parse a plain URL", PLAIN),
        ("1 parse a tricky URL", TRICKY),
    ] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| OriginalRequest::from_url(black_box("GET"), black_box(url)));
        });
    }
}

/// Which app, which rule, and may this session pass.
fn judge(group: &mut BenchmarkGroup<'_, WallTime>) -> Result<(), Box<dyn Error>> {
    let apps = Apps::new(vec![app()?]);
    let session = session(UserId(uuid(&SystemRandom)?))?;
    for (name, url) in [
        ("3 judge and decide, a plain path", PLAIN),
        ("3 judge and decide, a tricky path", TRICKY),
    ] {
        let request = OriginalRequest::from_url("GET", url)?;
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let (app, _) = apps.at(black_box(&request).authority())?;
                let requirement = app.policy.judge(request.path(), request.method());
                Some(decide(&requirement, Some(black_box(&session))))
            });
        });
    }
    Ok(())
}

/// From the cookie's value to the session, which is in the cache.
fn known(group: &mut BenchmarkGroup<'_, WallTime>) -> Result<(), Box<dyn Error>> {
    let cache = Cache::new(2 * KNOWN, Duration::from_secs(5));
    cache.link_up();
    let mut cookies = Vec::with_capacity(KNOWN);
    for _ in 0..KNOWN {
        let token = Token::generate(&SystemRandom)?;
        let stamp = cache.stamp();
        cache.keep(token.hash(), stamp, session(UserId(uuid(&SystemRandom)?))?);
        cookies.push(token.reveal());
    }
    let mut turn = cookies.iter().cycle();
    group.bench_function("2 find a known session by its cookie", |bencher| {
        bencher.iter(|| {
            let token: Token = turn.next()?.parse().ok()?;
            cache.get(&token.hash())
        });
    });
    Ok(())
}

/// The value of `X-UserId`.
fn sign(group: &mut BenchmarkGroup<'_, WallTime>) -> Result<(), Box<dyn Error>> {
    let user = Subject::User(UserId(uuid(&SystemRandom)?));
    let app = app()?;
    let key = Key::from_bytes(&bytes::<32>(&SystemRandom)?)?;
    let keys = HashMap::from([(app.id.clone(), key)]);
    let assertion = Assertion::new(keys, Arc::new(SystemClock));
    group.bench_function("4 sign for the app", |bencher| {
        bencher.iter(|| assertion.sign(&app, black_box(user), None));
    });
    group.bench_function("4 sign for one request", |bencher| {
        bencher.iter(|| {
            let uri = black_box("/orders/2048?page=3");
            let request = Request::new(Scheme::Http, "GET", "localhost", uri).ok();
            assertion.sign(&app, black_box(user), request.as_ref())
        });
    });
    Ok(())
}

/// An app with the rules of the example for nginx.
fn app() -> Result<App, Box<dyn Error>> {
    let rules = [
        ("/", Access::Public),
        ("/news/*", Access::Optional),
        ("/internal/*", Access::Deny),
    ];
    let rules = rules.map(|(path, access)| {
        Ok::<_, Box<dyn Error>>(Rule {
            pattern: path.parse()?,
            methods: Vec::new(),
            access,
            roles: Vec::new(),
        })
    });
    let rules = rules.into_iter().collect::<Result<_, _>>()?;
    Ok(App {
        id: "bench".parse()?,
        pool: "bench".parse()?,
        hosts: vec![HostEntry::parse("localhost")?],
        public_url: Origin::parse("http://localhost")?,
        policy: Policy::new(rules, Access::User, own_pages("")?),
        binding: Binding::App,
        login_page: None,
        realm: Realm::Own,
        upstream: None,
    })
}

fn session(user: UserId) -> Result<Session, Box<dyn Error>> {
    let now: Timestamp = SystemClock.now();
    Ok(Session {
        pool: "bench".parse()?,
        app: "bench".parse()?,
        user,
        roles: Vec::new(),
        epoch: 0,
        created_at: now,
        signed_in_at: now,
        last_seen_at: now,
        expires_at: now + Duration::from_secs(86_400),
        factors: vec![Factor::Password],
        remembered: true,
        device: "Firefox on Linux".to_owned(),
    })
}
