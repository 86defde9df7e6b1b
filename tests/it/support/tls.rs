//! TLS as a visitor of `*.example.com` speaks it, with a certificate made for this run of the tests.

use std::net::TcpStream;
use std::sync::{Arc, LazyLock};

use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

/// The hosts that the certificate is for.
const HOSTS: [&str; 4] = [
    "shop.example.com",
    "blog.example.com",
    "login.example.com",
    "example.com",
];

static CERTIFICATE: LazyLock<CertifiedKey<KeyPair>> = LazyLock::new(|| {
    let names = HOSTS.map(str::to_owned);
    generate_simple_self_signed(names).expect("a certificate")
});

/// The certificate, in PEM.
pub(crate) fn certificate() -> String {
    CERTIFICATE.cert.pem()
}

/// Its private key, in PEM.
pub(crate) fn certificate_key() -> String {
    CERTIFICATE.signing_key.serialize_pem()
}

/// A connection to `127.0.0.1:port` that asks for this host and offers these protocols.
pub(crate) type Connection = StreamOwned<ClientConnection, TcpStream>;

/// Wraps a connection; the handshake takes place with the first bytes.
pub(crate) fn connect(stream: TcpStream, host: &str, protocol: &str) -> Connection {
    let mut roots = RootCertStore::empty();
    roots
        .add(CERTIFICATE.cert.der().clone())
        .expect("a trust anchor");
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots);
    let mut config = config.with_no_client_auth();
    config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
    let name = ServerName::try_from(host.to_owned()).expect("a host name");
    let connection = ClientConnection::new(Arc::new(config), name).expect("a client");
    StreamOwned::new(connection, stream)
}
