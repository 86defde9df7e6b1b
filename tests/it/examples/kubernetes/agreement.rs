//! What one document says of another is true, and what the other examples say too.

use std::fs;

use serde_json::{Value, json};
use toml::Table;

use super::{MANIFESTS, all, at, config, container, list, only, pod, root, text};

const PROXIES: [&str; 3] = ["ingress-nginx.yaml", "traefik.yaml", "envoy-gateway.yaml"];

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
