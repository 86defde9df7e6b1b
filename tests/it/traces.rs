//! Spans join the proxy's trace, tell nothing of a visitor, and never hold up an answer.

mod collector;
mod outages;

use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;

use super::support::doorward::Doorward;
use super::support::http::{get, navigate, post_form};
use super::visitor::{PASSWORD, registered, who};
use collector::{Collector, Manner, attributes};

const EMAIL: &str = "ann.unmistakable@example.com";
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

const RULES: &str = r#"
    [apps.app]
    hosts = ["localhost", "127.0.0.1"]
    rules = [{ path = "/open", access = "public" }, { path = "/shut", access = "deny" }]
"#;

fn traceparent(flags: &str) -> String {
    format!("00-{TRACE}-{PARENT}-{flags}")
}

async fn start(collector: &Collector) -> Doorward {
    let toml = format!("{}{RULES}", collector.toml());
    Doorward::builder().toml(&toml).start().await
}

/// Asks for a path as nginx does; the status.
async fn ask(doorward: &Doorward, path: &str, more: &[(&str, &str)]) -> u16 {
    let original = format!("http://localhost{path}");
    let headers = [("x-original-method", "GET"), ("x-original-url", &original)];
    let url = format!("{}/verify/nginx", doorward.internal());
    get(&url, &[&headers, more].concat()).await.status.as_u16()
}

fn pairs(wanted: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    wanted.iter().map(owned).collect()
}

fn joined(span: &Span) -> (String, String) {
    (
        hex::encode(&span.trace_id),
        hex::encode(&span.parent_span_id),
    )
}

#[tokio::test]
async fn a_question_joins_the_trace_of_the_proxy() {
    let collector = Collector::start(Manner::Takes).await;
    let doorward = start(&collector).await;
    let parent = traceparent("01");
    let more = [("traceparent", parent.as_str())];
    assert_eq!(ask(&doorward, "/open", &more).await, 200);
    assert_eq!(ask(&doorward, "/shut", &more).await, 403);
    let url = format!("{}/verify/traefik", doorward.internal());
    assert_eq!(get(&url, &more).await.status, 403);
    let spans = collector.wait_for(3).await;
    for (dialect, told, status) in [
        (
            "nginx",
            &[
                ("doorward.app", "app"),
                ("doorward.outcome", "allow_anonymous"),
            ][..],
            "200",
        ),
        (
            "nginx",
            &[("doorward.app", "app"), ("doorward.outcome", "denied")],
            "403",
        ),
        ("traefik", &[("doorward.refused", "unclear")], "403"),
    ] {
        let mut wanted = pairs(told);
        wanted.extend(pairs(&[
            ("doorward.dialect", dialect),
            ("http.response.status_code", status),
        ]));
        wanted.sort();
        let found = spans
            .iter()
            .find(|span| attributes(&span.attributes) == wanted);
        let span = found.unwrap_or_else(|| panic!("{wanted:?} in {spans:#?}"));
        assert_eq!(joined(span), (TRACE.into(), PARENT.into()));
        assert_eq!(
            (span.name.as_str(), span.kind()),
            ("verify", SpanKind::Server)
        );
        assert!(span.end_time_unix_nano >= span.start_time_unix_nano);
        assert!(span.events.is_empty() && span.links.is_empty() && span.trace_state.is_empty());
    }
    assert_eq!(
        collector.heads()[0],
        ("/v1/traces".into(), "application/x-protobuf".into())
    );
    let request = &collector.received()[0].resource_spans[0];
    let resource = request.resource.as_ref().expect("a resource");
    let service = ("service.name".to_owned(), "doorward".to_owned());
    assert!(attributes(&resource.attributes).contains(&service));
    // Who looks for the trace finds what was logged.
    assert!(
        doorward.log().contains(&format!("trace_id={TRACE}")),
        "{}",
        doorward.log()
    );
}

#[tokio::test]
async fn a_page_joins_the_trace_of_the_proxy() {
    let collector = Collector::start(Manner::Takes).await;
    let doorward = start(&collector).await;
    let parent = traceparent("01");
    let more = [("traceparent", parent.as_str())];
    let public = doorward.public();
    navigate(&format!("{public}/login?rd=/secret-place"), &more).await;
    let fields = [("email", EMAIL), ("password", PASSWORD)];
    post_form(&format!("{public}/login"), &more, &fields).await;
    navigate(&format!("{public}/login/secret-place"), &more).await;
    navigate(&format!("{public}/secret-place"), &more).await;
    let spans = collector.wait_for(4).await;
    for (name, method, route, status) in [
        ("GET /login", "GET", "/login", "200"),
        ("POST /login", "POST", "/login", "401"),
        ("GET /login/{provider}", "GET", "/login/{provider}", "404"),
        ("GET", "GET", "", "404"),
    ] {
        let found = spans.iter().find(|span| span.name == name);
        let span = found.unwrap_or_else(|| panic!("{name} in {spans:#?}"));
        assert_eq!(joined(span), (TRACE.into(), PARENT.into()), "{name}");
        let wanted = pairs(&[
            ("doorward.app", "app"),
            ("http.request.method", method),
            ("http.response.status_code", status),
            ("http.route", route),
        ]);
        assert_eq!(attributes(&span.attributes), wanted);
    }
    let log = doorward.log();
    let lines = log.lines().filter(|line| line.contains("/login"));
    assert!(lines.clone().count() >= 3, "{log}");
    for line in lines {
        assert!(line.contains(&format!("trace_id={TRACE}")), "{line}");
    }
}

#[tokio::test]
async fn what_the_proxy_does_not_record_is_not_sent() {
    let collector = Collector::start(Manner::Takes).await;
    let doorward = start(&collector).await;
    let (not, yes) = (traceparent("00"), traceparent("01"));
    for _ in 0..3 {
        assert_eq!(ask(&doorward, "/shut", &[("traceparent", &not)]).await, 403);
        navigate(
            &format!("{}/login", doorward.public()),
            &[("traceparent", &not)],
        )
        .await;
    }
    assert_eq!(ask(&doorward, "/open", &[("traceparent", &yes)]).await, 200);
    collector.wait_for(1).await;
    assert_eq!(collector.spans().len(), 1);
    // The log knows the trace nevertheless.
    assert_eq!(
        doorward.log().matches(TRACE).count(),
        6,
        "{}",
        doorward.log()
    );
}

#[tokio::test]
async fn a_malformed_parent_is_as_none() {
    let collector = Collector::start(Manner::Takes).await;
    let doorward = start(&collector).await;
    let good = traceparent("01");
    let cases = [
        vec![],
        vec![("traceparent", "00-0af7651916cd43dd8448eb211c80319c-01")],
        vec![(
            "traceparent",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        )],
        vec![(
            "traceparent",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        )],
        vec![(
            "traceparent",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        )],
        vec![("traceparent", &good[..]), ("traceparent", &good[..])],
    ];
    for case in &cases {
        assert_eq!(ask(&doorward, "/open", case).await, 200);
        assert_eq!(
            navigate(&format!("{}/login", doorward.public()), case)
                .await
                .status,
            200
        );
    }
    let spans = collector.wait_for(2 * cases.len()).await;
    let traces: std::collections::BTreeSet<_> = spans.iter().map(|span| joined(span).0).collect();
    assert_eq!(traces.len(), spans.len(), "each is a trace of its own");
    for span in &spans {
        assert_eq!(joined(span).1, "");
        assert_ne!(joined(span).0, TRACE);
    }
}

#[tokio::test]
async fn threat_04_a_parent_counts_only_from_a_listed_proxy() {
    let collector = Collector::start(Manner::Takes).await;
    let toml = format!(
        "[server]\ntrusted_proxies = [\"192.0.2.7\"]\n{}{RULES}",
        collector.toml()
    );
    let doorward = Doorward::builder().toml(&toml).start().await;
    let parent = traceparent("00");
    let more = [("traceparent", parent.as_str())];
    // Nobody listed asks, so that nobody can have it left out of the record either.
    assert_eq!(ask(&doorward, "/open", &more).await, 403);
    navigate(&format!("{}/login", doorward.public()), &more).await;
    for span in collector.wait_for(2).await {
        assert_eq!(joined(&span).1, "");
        assert_ne!(joined(&span).0, TRACE);
    }
    assert!(!doorward.log().contains(TRACE), "{}", doorward.log());
}

#[tokio::test]
async fn threat_40_no_span_holds_anything_of_a_visitor() {
    let collector = Collector::start(Manner::Takes).await;
    let doorward = start(&collector).await;
    let cookie = registered(&doorward, EMAIL).await;
    let user = who(&doorward, &cookie).await.expect("signed in");
    let more = [
        ("cookie", cookie.as_str()),
        ("user-agent", "unmistakable-agent"),
        ("x-forwarded-for", "198.51.100.23"),
        ("tracestate", "unmistakable=state"),
        ("baggage", "unmistakable=baggage"),
    ];
    ask(&doorward, "/unmistakable-path?q=unmistakable-query", &more).await;
    let url = format!(
        "{}/login/unmistakable-path?rd=/unmistakable",
        doorward.public()
    );
    navigate(&url, &more).await;
    let fields = [("email", EMAIL), ("password", PASSWORD)];
    post_form(&format!("{}/login", doorward.public()), &more, &fields).await;
    let unknown = [("host", "unmistakable.example")];
    navigate(&format!("{}/login", doorward.public()), &unknown).await;
    collector.wait_for(7).await;
    let told = format!("{:?}", collector.received());
    let secret = cookie.trim_start_matches("SESSION=");
    for word in [
        "unmistakable",
        "198.51.100.23",
        "localhost",
        PASSWORD,
        &user,
        secret,
    ] {
        assert!(!told.contains(word), "{word} in {told}");
    }
}

#[tokio::test]
async fn an_answer_of_500_or_above_is_a_span_that_failed() {
    let collector = Collector::start(Manner::Takes).await;
    let toml = format!(
        "[limits]\nhashing_concurrency = 1\nhashing_queue = 1\nhashing_memory = 65536\n{}{RULES}",
        collector.toml()
    );
    let doorward = Doorward::builder().toml(&toml).start().await;
    let login = format!("{}/login", doorward.public());
    let fields = [("email", EMAIL), ("password", PASSWORD)];
    let asked = (0..8).map(|_| post_form(&login, &[], &fields));
    let answers = futures_util::future::join_all(asked).await;
    let busy = answers.iter().filter(|answer| answer.status == 503).count();
    assert!(busy > 0, "one is hashed at a time, and one may wait");
    let spans = collector.wait_for(8).await;
    let failed = spans.iter().filter(|span| {
        let status = span.status.as_ref().map(|status| status.code());
        status == Some(StatusCode::Error)
    });
    assert_eq!(failed.count(), busy);
}

#[tokio::test]
async fn without_a_collector_the_log_still_knows_the_trace() {
    let doorward = Doorward::builder().toml(RULES).start().await;
    let parent = traceparent("01");
    let more = [("traceparent", parent.as_str())];
    assert_eq!(ask(&doorward, "/shut", &more).await, 403);
    navigate(&format!("{}/login", doorward.public()), &more).await;
    assert_eq!(
        doorward.log().matches(&format!("trace_id={TRACE}")).count(),
        2
    );
    assert_eq!(ask(&doorward, "/shut", &[]).await, 403);
    assert_eq!(
        doorward.log().matches("trace_id").count(),
        2,
        "{}",
        doorward.log()
    );
}
