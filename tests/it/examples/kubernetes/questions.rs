//! The proxies ask what the examples beside them ask, which real proxies do in other tests, and route the same pages.

use std::fs;

use serde_json::json;

use super::{all, at, list, only, root, text};

/// Where Doorward is, for whoever is in the cluster.
const INTERNAL: &str = "http://doorward.doorward.svc.cluster.local:8081";

#[test]
fn ingress_nginx_asks_in_nginxs_dialect() {
    let [app, ..] = all("ingress-nginx.yaml", "Ingress")[..] else {
        panic!("two Ingresses")
    };
    let asked = text(
        app,
        "/metadata/annotations/nginx.ingress.kubernetes.io~1auth-url",
    );
    assert_eq!(asked, format!("{INTERNAL}/verify/nginx/shop"));
}

#[test]
fn traefik_asks_as_its_example_does() {
    let door = at(all("traefik.yaml", "Middleware")[0], "/spec/forwardAuth");
    assert_eq!(
        text(door, "/address"),
        format!("{INTERNAL}/verify/traefik/shop")
    );
    let example =
        fs::read_to_string(root().join("examples/traefik/doorward.yaml")).expect("example");
    let manifest = fs::read_to_string(super::folder().join("traefik.yaml")).expect("manifest");
    for name in [
        "trustForwardHeader:",
        "maxResponseBodySize:",
        "authRequestHeaders:",
        "authResponseHeaders:",
        "authResponseHeadersRegex:",
    ] {
        let line = |text: &str| {
            let mut lines = text
                .lines()
                .map(str::trim)
                .filter(|line| line.starts_with(name));
            lines.next().unwrap_or_else(|| panic!("{name}")).to_owned()
        };
        assert_eq!(line(&manifest), line(&example));
    }
}

#[test]
fn envoy_asks_as_its_example_does() {
    let door = at(
        only("envoy-gateway.yaml", "SecurityPolicy"),
        "/spec/extAuth",
    );
    assert_eq!(at(door, "/http/path"), "/verify/envoy/shop");
    let doorward = json!({"name": "doorward", "namespace": "doorward", "port": 8081});
    assert_eq!(at(door, "/http/backendRefs/0"), &doorward);
    assert_eq!(at(door, "/statusOnError"), 503);
    let example = fs::read_to_string(root().join("examples/envoy/envoy.yaml")).expect("example");
    assert!(example.contains("path_prefix: /verify/envoy/shop"));
    for header in list(door, "/headersToExtAuth") {
        let line = format!("- exact: {}\n", header.as_str().expect("a name"));
        assert!(example.contains(&line), "{line}");
    }
    let rules = list(
        only("envoy-gateway.yaml", "ClientTrafficPolicy"),
        "/spec/headers/earlyRequestHeaders/removeOnMatch",
    );
    for rule in rules {
        let regex = rule["value"].as_str().expect("an expression");
        assert!(example.contains(&format!("regex: '{regex}'")), "{regex}");
    }
    let script = text(
        only("envoy-gateway.yaml", "EnvoyExtensionPolicy"),
        "/spec/lua/0/inline",
    );
    let judged = script.lines().filter(|line| line.contains("name"));
    assert_eq!(judged.clone().count(), 3, "{script}");
    for line in judged {
        assert!(example.contains(line.trim()), "{line}");
    }
}

#[test]
fn doorwards_pages_are_the_four_and_what_is_below() {
    let pages = ["/login", "/logout", "/register", "/account"];
    let [_, ingress] = all("ingress-nginx.yaml", "Ingress")[..] else {
        panic!("two Ingresses")
    };
    let of_nginx = list(ingress, "/spec/rules/0/http/paths")
        .iter()
        .map(|path| {
            assert_eq!(path["pathType"], "Prefix");
            &path["path"]
        });
    assert_eq!(of_nginx.collect::<Vec<_>>(), pages);
    let route = all("envoy-gateway.yaml", "HTTPRoute").into_iter();
    let mut route = route.filter(|route| route["metadata"]["name"] == "shop-pages");
    let matches = list(route.next().expect("a route"), "/spec/rules/0/matches")
        .iter()
        .map(|path| {
            assert_eq!(path["path"]["type"], "PathPrefix");
            &path["path"]["value"]
        });
    assert_eq!(matches.collect::<Vec<_>>(), pages);
    let rule = text(
        all("traefik.yaml", "IngressRoute")[1],
        "/spec/routes/0/match",
    );
    assert!(
        rule.contains("PathRegexp(`^/(login|logout|register|account)(/|$)`)"),
        "{rule}"
    );
}
