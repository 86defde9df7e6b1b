//! The schemas: what they accept, and that a wrong word is none of it.

use std::fs;

use super::{FILES, MANIFESTS, all, folder, judge};

#[test]
fn every_manifest_is_known_to_its_schema() {
    assert_eq!(MANIFESTS.len(), FILES.len());
    let there = fs::read_dir(folder()).expect("folder");
    let there = there.map(|entry| entry.expect("entry").file_name().into_string());
    let manifests = there.filter(|name| name.as_ref().expect("a name").ends_with(".yaml"));
    assert_eq!(manifests.count(), FILES.len(), "every manifest is judged");
    for (file, kind) in [
        ("doorward.yaml", "Deployment"),
        ("ingress-nginx.yaml", "Ingress"),
        ("traefik.yaml", "Middleware"),
        ("envoy-gateway.yaml", "SecurityPolicy"),
    ] {
        assert!(!all(file, kind).is_empty(), "{file} has a {kind}");
    }
}

#[test]
fn a_wrong_word_is_refused() {
    let scratch = tempfile::tempdir().expect("folder");
    for (file, right, wrong) in [
        (
            "doorward.yaml",
            "readOnlyRootFilesystem:",
            "readOnlyRootFileSystem:",
        ),
        (
            "doorward.yaml",
            "containerPort: 8080",
            "containerPort: pages",
        ),
        (
            "doorward.yaml",
            "type: RuntimeDefault",
            "kind: RuntimeDefault",
        ),
        ("secret.yaml", "stringData:", "strings:"),
        ("ingress-nginx.yaml", "pathType: Prefix", "pathtype: Prefix"),
        ("ingress-nginx.yaml", "podSelector:", "podselector:"),
        (
            "traefik.yaml",
            "authResponseHeaders:",
            "authResponseHeader:",
        ),
        ("traefik.yaml", "stsSeconds:", "stsSecond:"),
        ("traefik.yaml", "port: 3000", "number: 3000"),
        (
            "traefik.yaml",
            "trustForwardHeader: false",
            "trustForwardHeader: never",
        ),
        (
            "envoy-gateway.yaml",
            "headersToBackend:",
            "headersToBackends:",
        ),
        ("envoy-gateway.yaml", "DropHeader", "Drop"),
        (
            "envoy-gateway.yaml",
            "statusOnError: 503",
            "statusOnError: 200",
        ),
        ("envoy-gateway.yaml", "protocol: HTTPS", "Protocol: HTTPS"),
        ("envoy-gateway.yaml", "namespace: shop", "nameSpace: shop"),
    ] {
        let text = fs::read_to_string(folder().join(file)).expect("manifest");
        assert!(text.contains(right), "{file}: {right}");
        fs::write(scratch.path().join(file), text.replacen(right, wrong, 1)).expect("written");
        let judged = judge(scratch.path(), &[file]);
        let said = String::from_utf8_lossy(&judged.stderr);
        assert!(!judged.status.success(), "{file}: {wrong}");
        assert!(said.starts_with(file), "a reason, not a failure: {said}");
    }
}
