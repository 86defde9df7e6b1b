//! The configuration files of a proxy: those of its example, or those that Doorward prints.

use std::fs;
use std::path::Path;

use crate::support::doorward::Doorward;
use crate::support::proxy::{Files, Kind};
use crate::support::tls;

/// A file of `examples/`.
pub(super) fn example(proxy: Kind, file: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("examples").join(proxy.name()).join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Where the servers of a test are: `host:port` or a URL of that.
pub(super) struct Addresses<'a> {
    pub(super) app: &'a str,
    pub(super) pages: &'a str,
    pub(super) internal: &'a str,
    pub(super) proxy: &'a str,
}

/// The files of the example with the addresses of the test.
pub(super) fn addressed(proxy: Kind, addresses: &Addresses<'_>) -> Files {
    let files = proxy.files().iter();
    let mut files: Files = files
        .map(|name| ((*name).to_owned(), example(proxy, name)))
        .collect();
    for (usual, address) in [
        ("3000", addresses.app),
        ("8080", addresses.pages),
        ("8081", addresses.internal),
        ("8000", addresses.proxy),
    ] {
        let (_, port) = address.rsplit_once(':').expect("host and port");
        let mut found = 0;
        for (_, text) in &mut files {
            for form in [":", "port_value: "] {
                let from = format!("{form}{usual}");
                found += text.matches(&from).count();
                *text = text.replace(&from, &format!("{form}{port}"));
            }
        }
        assert!(found > 0, "port {usual} in the example of {}", proxy.name());
    }
    files
}

/// What `doorward proxy-config` prints for this installation, with the folder and the port of the proxy; `upstreams` are
/// as in its option.
pub(super) async fn printed(
    proxy: Kind,
    doorward: &Doorward,
    upstreams: &[&str],
    (folder, port): (&Path, u16),
) -> Files {
    let path = |name: &str| folder.join(name).display().to_string();
    let (certificate, key) = (path("certificate.pem"), path("certificate.pem.key"));
    let listen = format!("127.0.0.1:{port}");
    let upstreams = upstreams.iter().flat_map(|given| ["--upstream", *given]);
    let upstreams: Vec<_> = upstreams.collect();
    let mut files = vec![
        ("certificate.pem".to_owned(), tls::certificate()),
        ("certificate.pem.key".to_owned(), tls::certificate_key()),
    ];
    for name in proxy.files() {
        let arguments = [
            &["proxy-config", proxy.name(), "--file", name][..],
            &upstreams,
            &["--listen", &listen],
            &["--certificate", &certificate, "--certificate-key", &key],
        ];
        let output = doorward.command(&arguments.concat()).await;
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "proxy-config: {error}");
        let text = String::from_utf8(output.stdout).expect("text");
        files.push(((*name).to_owned(), text));
    }
    files
}
