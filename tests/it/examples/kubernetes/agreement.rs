//! What one document says of another is true, and what the other examples say too.

use std::fs;

use serde_json::{Value, json};
use toml::Table;

use super::{MANIFESTS, all, at, config, container, list, only, pod, root, text};

const PROXIES: [&str; 3] = ["ingress-nginx.yaml", "traefik.yaml", "envoy-gateway.yaml"];
/// Where Doorward is, for whoever is in the cluster.
const INTERNAL: &str = "http://doorward.doorward.svc.cluster.local:8081";

fn toml() -> Table {
    config().parse().expect("TOML")
}

fn labels() -> &'static Value {
    at(
        only("doorward.yaml", "Deployment"),
        "/spec/template/metadata/labels",
    )
}

#[test]
fn the_pods_run_as_the_image_does() {
    let dockerfile = fs::read_to_string(root().join("Dockerfile")).expect("Dockerfile");
    let user = dockerfile
        .lines()
        .rfind(|line| line.starts_with("USER "))
        .expect("a user");
    let (user, group) = user
        .trim_start_matches("USER ")
        .split_once(':')
        .expect("user and group");
    let security = at(pod(), "/securityContext");
    assert_eq!(security["runAsUser"].to_string(), user);
    assert_eq!(security["runAsGroup"].to_string(), group);
    assert_eq!(
        security["fsGroup"].to_string(),
        group,
        "else the secrets could not be read"
    );
    assert_eq!(security["runAsNonRoot"], true);
    assert_eq!(
        security["seccompProfile"],
        json!({"type": "RuntimeDefault"})
    );
    let rights = json!({
        "allowPrivilegeEscalation": false,
        "readOnlyRootFilesystem": true,
        "capabilities": {"drop": ["ALL"]},
    });
    assert_eq!(container()["securityContext"], rights);
    let image = text(container(), "/image");
    let (name, tag) = image.rsplit_once(':').expect("a tag");
    let replaced = at(only("kustomization.yaml", "Kustomization"), "/images/0");
    assert_eq!(
        (replaced["name"].as_str(), replaced["newTag"].as_str()),
        (Some(name), Some(tag))
    );
    assert_eq!(tag, env!("CARGO_PKG_VERSION"));
}

#[test]
fn the_configuration_and_the_secrets_are_where_they_are_looked_for() {
    let mounted = |name: &str| {
        let mounts = list(container(), "/volumeMounts").iter();
        let mut of_it = mounts.filter(|mount| mount["name"] == name);
        of_it.next().expect("mounted")["mountPath"]
            .as_str()
            .expect("a path")
    };
    let volumes = list(pod(), "/volumes");
    let map = only("doorward.yaml", "ConfigMap");
    assert_eq!(volumes[0]["configMap"]["name"], map["metadata"]["name"]);
    let file = format!("{}/doorward.toml", mounted("config"));
    assert_eq!(
        at(container(), "/env/0"),
        &json!({"name": "DOORWARD_CONFIG", "value": file})
    );

    let secret = only("secret.yaml", "Secret");
    assert_eq!(
        volumes[1]["secret"]["secretName"],
        secret["metadata"]["name"]
    );
    assert_eq!(volumes[1]["secret"]["defaultMode"], 0o440);
    let named = [
        toml()["database"]["url_file"].clone(),
        toml()["apps"]["shop"]["keys_file"].clone(),
    ];
    for path in named {
        let path = path.as_str().expect("a path");
        let key = path
            .strip_prefix(&format!("{}/", mounted("secrets")))
            .expect("below the mount");
        assert!(secret["stringData"].get(key).is_some(), "{key}");
    }
}

#[test]
fn every_port_is_one_that_doorward_listens_on() {
    for (name, key) in [("pages", "listen"), ("internal", "internal_listen")] {
        let listen = toml()["server"][key]
            .as_str()
            .expect("an address")
            .to_owned();
        let (address, port) = listen.rsplit_once(':').expect("a port");
        assert_eq!(address, "0.0.0.0");
        let is_it = |entry: &&Value| entry["name"] == name;
        let opened = list(container(), "/ports")
            .iter()
            .find(is_it)
            .expect("opened");
        assert_eq!(opened["containerPort"].to_string(), port);
        let service = list(only("doorward.yaml", "Service"), "/spec/ports");
        let offered = service.iter().find(is_it).expect("offered");
        assert_eq!(offered["port"].to_string(), port);
        assert_eq!(offered["targetPort"], name);
    }
}

#[test]
fn whatever_chooses_doorwards_pods_finds_them() {
    let chooses = |selector: &Value| {
        let wanted = selector.as_object().expect("labels");
        assert!(!wanted.is_empty());
        for (name, value) in wanted {
            assert_eq!(labels().get(name), Some(value), "{selector}");
        }
    };
    chooses(at(
        only("doorward.yaml", "Deployment"),
        "/spec/selector/matchLabels",
    ));
    chooses(at(only("doorward.yaml", "Service"), "/spec/selector"));
    chooses(at(
        only("doorward.yaml", "PodDisruptionBudget"),
        "/spec/selector/matchLabels",
    ));
    chooses(at(
        pod(),
        "/topologySpreadConstraints/0/labelSelector/matchLabels",
    ));
    for file in ["doorward.yaml"].iter().chain(&PROXIES) {
        chooses(at(
            only(file, "NetworkPolicy"),
            "/spec/podSelector/matchLabels",
        ));
    }
}

/// By itself Doorward lets nobody in; each proxy's file lets in that proxy, by both ports.
#[test]
fn nobody_but_the_proxy_reaches_doorward() {
    let closed = at(only("doorward.yaml", "NetworkPolicy"), "/spec");
    assert_eq!(closed["policyTypes"], json!(["Ingress"]));
    assert_eq!(closed.get("ingress"), None);
    for file in PROXIES {
        let [opened] = list(only(file, "NetworkPolicy"), "/spec/ingress") else {
            panic!("{file}: one way in")
        };
        assert_eq!(
            opened["ports"],
            json!([{"port": "pages"}, {"port": "internal"}])
        );
        let [peer] = opened["from"].as_array().expect("peers").as_slice() else {
            panic!("{file}: one peer")
        };
        assert!(
            peer["namespaceSelector"]["matchLabels"].is_object(),
            "{file}"
        );
        assert!(peer["podSelector"]["matchLabels"].is_object(), "{file}");
    }
}

/// The same questions as the examples beside them, which real proxies ask in other tests.
#[test]
fn the_question_is_the_one_of_the_proxys_example() {
    let [app, ..] = all("ingress-nginx.yaml", "Ingress")[..] else {
        panic!("two Ingresses")
    };
    let asked = text(
        app,
        "/metadata/annotations/nginx.ingress.kubernetes.io~1auth-url",
    );
    assert_eq!(asked, format!("{INTERNAL}/verify/nginx/shop"));

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
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(plain(&example).contains(&plain(script)), "{script}");
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

/// What names a document of another kind names one that is there.
#[test]
fn every_reference_leads_somewhere() {
    let named = |file: &str, kind: &str, name: &Value, namespace: &str| {
        let there = all(file, kind).into_iter().any(|document| {
            document["metadata"]["name"] == *name && document["metadata"]["namespace"] == namespace
        });
        assert!(there, "{file}: {kind} {name} in {namespace}");
    };
    for kind in [
        "SecurityPolicy",
        "EnvoyExtensionPolicy",
        "BackendTrafficPolicy",
        "ClientTrafficPolicy",
    ] {
        for policy in all("envoy-gateway.yaml", kind) {
            let target = at(policy, "/spec/targetRefs/0");
            let kind = target["kind"].as_str().expect("a kind");
            named(
                "envoy-gateway.yaml",
                kind,
                &target["name"],
                text(policy, "/metadata/namespace"),
            );
        }
    }
    for route in all("envoy-gateway.yaml", "HTTPRoute") {
        named(
            "envoy-gateway.yaml",
            "Gateway",
            at(route, "/spec/parentRefs/0/name"),
            "doorward",
        );
    }
    for route in all("traefik.yaml", "IngressRoute") {
        let namespace = text(route, "/metadata/namespace");
        for entry in list(route, "/spec/routes") {
            for middleware in entry["middlewares"]
                .as_array()
                .map_or(&[][..], Vec::as_slice)
            {
                named("traefik.yaml", "Middleware", &middleware["name"], namespace);
            }
        }
    }
    for resource in list(only("kustomization.yaml", "Kustomization"), "/resources") {
        assert!(
            MANIFESTS.contains_key(resource.as_str().expect("a file")),
            "{resource}"
        );
    }
}
