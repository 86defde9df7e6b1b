//! Whatever installation it is printed for, the proxy itself accepts what is printed.

mod traefik;

use std::fs;
use std::path::Path;
use std::process::Command;

use super::doorward;
use crate::support::process::{program, tool};

/// An installation, and the words that belong to it.
struct Case {
    name: &'static str,
    /// `KEY` stands for a key of the app's own.
    config: &'static str,
    words: &'static [&'static str],
}

const CASES: &[Case] = &[
    Case {
        name: "on this machine",
        config: r#"
            [apps.shop]
            hosts = ["localhost", "127.0.0.1", "[::1]"]
            keys = ["KEY"]
        "#,
        words: &[],
    },
    Case {
        name: "https with several hosts",
        config: r#"
            [apps.shop]
            hosts = ["shop.example.com", "www.example.com", "bücher.example"]
            keys = ["KEY"]
            upstream = "http://10.0.0.7"
        "#,
        words: &[],
    },
    Case {
        name: "https and http, ports of its own",
        config: r#"
            [apps.shop]
            hosts = ["shop.example.com:8443", "http://intern.example.com", "localhost:9000"]
            public_url = "https://shop.example.com:8443"
            keys = ["KEY"]
        "#,
        words: &[],
    },
    Case {
        name: "apps that share their sign-in",
        config: r#"
            [pools.customers]
            cookie_domain = "example.com"
            login_host = "login.example.com"
            [apps.shop]
            hosts = ["shop.example.com"]
            users = "customers"
            keys = ["KEY"]
            [apps.sites]
            hosts = ["*.sites.example.com", "sites.example.com"]
            public_url = "https://sites.example.com"
            users = "customers"
            keys = ["KEY"]
        "#,
        words: &[
            "--upstream",
            "shop=localhost:3000",
            "--upstream",
            "sites=[::1]:3001",
        ],
    },
    Case {
        name: "names that mean something to a proxy",
        config: r#"
            [apps.login]
            hosts = ["http://one.example.com"]
            keys = ["KEY"]
            [apps.doorward]
            hosts = ["http://two.example.com", "three.example.com"]
            public_url = "https://three.example.com"
            keys = ["KEY"]
            [apps.default]
            hosts = ["http://four.example.com"]
            keys = ["KEY"]
            [apps.0-1]
            hosts = ["http://five.example.com"]
            keys = ["KEY"]
        "#,
        words: &[
            "--upstream",
            "login=localhost:3000",
            "--upstream",
            "doorward=localhost:3001",
            "--upstream",
            "default=localhost:3002",
            "--upstream",
            "0-1=localhost:3003",
        ],
    },
    Case {
        name: "signs that mean something in a pattern",
        config: r#"
            [server]
            base_path = "/auth.v1/~a_b-c"
            [sessions]
            cookie_name = "a.b$c^d|e'f`g*h+i!j#k%l&m~n"
            [apps.shop]
            hosts = ["localhost"]
            keys = ["KEY"]
        "#,
        words: &[],
    },
    Case {
        name: "elsewhere",
        config: r#"
            [server]
            listen = "0.0.0.0:8080"
            internal_listen = "0.0.0.0:8081"
            trusted_proxies = ["10.0.0.0/24"]
            [apps.shop]
            hosts = ["shop.example.com"]
            keys = ["KEY"]
        "#,
        words: &[
            "--doorward",
            "localhost",
            "--listen",
            "127.0.0.1:18443",
            "--upstream",
            "localhost:3000",
        ],
    },
    Case {
        name: "IPv6",
        config: r#"
            [server]
            listen = "[::1]:8080"
            internal_listen = "[::1]:8081"
            [apps.shop]
            hosts = ["http://[::1]:18000"]
            keys = ["KEY"]
        "#,
        words: &["--upstream", "[::1]:3000"],
    },
];

#[test]
fn nginx_accepts_it() {
    for case in CASES {
        let folder = tempfile::tempdir().expect("folder");
        let included = files(case, "nginx", &["doorward.conf"], folder.path());
        let included = &included[0];
        // Ports that need no privilege; nothing is served.
        let included = included
            .replace("listen 80;", "listen 18080;")
            .replace("[::]:80;", "[::]:18080;");
        let included = included
            .replace("listen 443 ssl", "listen 18443 ssl")
            .replace("[::]:443 ssl", "[::]:18443 ssl");
        let own = folder.path().display();
        let config = format!("events {{}}\nhttp {{\naccess_log off;\n{included}\n}}\n");
        fs::write(folder.path().join("nginx.conf"), config).expect("written");
        let mut nginx = Command::new(program("NGINX", &["nginx"]));
        nginx.args([
            "-t",
            "-c",
            &format!("{own}/nginx.conf"),
            "-p",
            &own.to_string(),
        ]);
        nginx.args(["-g", &format!("error_log stderr; pid {own}/pid;")]);
        assert_accepts(&mut nginx, case, &included);
    }
}

/// `adapt` warns of what is written unlike Caddy itself would write it; `validate` builds all but the listeners.
#[test]
fn caddy_accepts_it() {
    for case in CASES {
        let folder = tempfile::tempdir().expect("folder");
        let printed = files(case, "caddy", &["Caddyfile"], folder.path());
        fs::write(folder.path().join("Caddyfile"), &printed[0]).expect("written");
        let caddy = |word: &str| {
            let mut caddy = Command::new(program("CADDY", &["caddy"]));
            caddy.args([word, "--config", "Caddyfile", "--adapter", "caddyfile"]);
            for home in ["HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"] {
                caddy.env(home, folder.path());
            }
            caddy.current_dir(folder.path());
            caddy
        };
        assert_accepts(&mut caddy("adapt"), case, &printed[0]);
        let output = caddy("validate").output().expect("caddy");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "{}: {said}\n{}",
            case.name,
            printed[0]
        );
    }
}

#[test]
fn envoy_accepts_it() {
    for case in CASES {
        let folder = tempfile::tempdir().expect("folder");
        let printed = files(case, "envoy", &["envoy.yaml"], folder.path());
        fs::write(folder.path().join("envoy.yaml"), &printed[0]).expect("written");
        let mut envoy = Command::new(tool("ENVOY", "envoy/_bin/envoy"));
        envoy.args(["--mode", "validate", "-c", "envoy.yaml"]);
        envoy.args(["--disable-hot-restart", "--log-level", "warning"]);
        envoy.current_dir(folder.path());
        assert_accepts(&mut envoy, case, &printed[0]);
    }
}

#[test]
fn haproxy_accepts_it() {
    for case in CASES {
        let folder = tempfile::tempdir().expect("folder");
        let names = ["haproxy.cfg", "doorward.lua"];
        let printed = files(case, "haproxy", &names, folder.path());
        for (name, text) in names.iter().zip(&printed) {
            fs::write(folder.path().join(name), text).expect("written");
        }
        // HAProxy looks for a key beside its certificate.
        let beside = folder.path().join("chain.pem.key");
        fs::copy(folder.path().join("key.pem"), beside).expect("copied");
        let mut haproxy = Command::new(program("HAPROXY", &["haproxy"]));
        haproxy.args(["-c", "-f", "haproxy.cfg"]);
        haproxy.current_dir(folder.path());
        assert_accepts(&mut haproxy, case, &printed[0]);
    }
}

/// These files for this installation, its certificate in the folder.
fn files(case: &Case, proxy: &str, names: &[&str], folder: &Path) -> Vec<String> {
    let mut config = case.config.to_owned();
    while config.contains("KEY") {
        let key = doorward(folder, &["key", "generate"]);
        config = config.replacen("KEY", key.trim(), 1);
    }
    fs::write(folder.join("doorward.toml"), config).expect("written");
    let names_of_it = vec!["shop.example.com".to_owned()];
    let made = rcgen::generate_simple_self_signed(names_of_it).expect("certificate");
    let chain = folder.join("chain.pem").display().to_string();
    let key = folder.join("key.pem").display().to_string();
    fs::write(&chain, made.cert.pem()).expect("written");
    fs::write(&key, made.signing_key.serialize_pem()).expect("written");
    let print = |name: &&str| {
        let mut words = vec!["proxy-config", proxy, "--file", name];
        words.extend(["--certificate", &chain, "--certificate-key", &key]);
        words.extend(case.words);
        doorward(folder, &words)
    };
    names.iter().map(print).collect()
}

fn assert_accepts(command: &mut Command, case: &Case, config: &str) {
    let output = command.output().expect("the proxy starts");
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    let warned = said.to_ascii_lowercase().contains("warn");
    assert!(
        output.status.success() && !warned,
        "{}: {said}\n{config}",
        case.name
    );
}
