//! What the words of the command mean, and what is said about wrong ones.

use crate::cli::Said;
use crate::support::doorward;

const SHARED: &str = include_str!("../../../../examples/nginx/shared-login/doorward.toml");

/// For the two apps of the shared sign-in.
async fn run(words: &[&str]) -> Said {
    let key = |number: u8| format!("keys = [\"{}\"]", key(number));
    let config = SHARED.replace("keys_file = \"shop.keys\"", &key(1));
    let config = config.replace("keys_file = \"blog.keys\"", &key(2));
    let words = [&["proxy-config"], words].concat();
    doorward::run(Some(&config), &words).await.into()
}

/// No sample and no pattern, or Doorward would refuse it.
fn key(number: u8) -> String {
    let bytes =
        (0..32_u8).map(|at| at.wrapping_mul(167).wrapping_add(number).rotate_left(3) ^ 0x5a);
    hex::encode(bytes.collect::<Vec<_>>())
}

#[tokio::test]
async fn an_app_is_named_or_all_are_meant() {
    let upstreams = ["--upstream", "shop=app:3000", "--upstream", "blog=app:3001"];
    let all = run(&[&["nginx"], &upstreams[..]].concat()).await.done();
    for line in [
        "upstream app_shop { server app:3000; }",
        "upstream app_blog { server app:3001; }",
    ] {
        assert!(all.contains(line), "{line}\n{all}");
    }
    let one = run(&["nginx", "--app", "blog"]).await.done();
    assert!(one.contains("/verify/nginx/blog;"), "{one}");
    assert!(one.contains("server_name login.example.com;"), "{one}");
    assert!(!one.contains("shop"), "{one}");
}

#[tokio::test]
async fn the_words_replace_what_the_configuration_says() {
    let words = [
        "--upstream",
        "blog=10.0.0.7:80",
        "--upstream",
        "shop=app:3000",
        "--doorward",
        "doorward",
        "--listen",
        "127.0.0.1:8443",
        "--certificate",
        "/run/tls.crt",
        "--certificate-key",
        "/run/tls.key",
    ];
    let printed = run(&[&["nginx"], &words[..]].concat()).await.done();
    for line in [
        "upstream app_blog { server 10.0.0.7:80; }",
        "upstream app_shop { server app:3000; }",
        "upstream doorward { server doorward:8080; }",
        "upstream doorward_internal { server doorward:8081; keepalive 32; }",
        "    listen 127.0.0.1:8443 ssl http2;",
        "    ssl_certificate /run/tls.crt;",
        "    ssl_certificate_key /run/tls.key;",
    ] {
        assert!(
            printed.lines().any(|shown| shown == line),
            "{line}\n{printed}"
        );
    }
    assert!(!printed.contains("listen 80"), "{printed}");
}

#[tokio::test]
async fn wrong_words_are_told_what_would_be_right() {
    for (words, said) in [
        (
            &["nginx", "--app", "shpo"][..],
            "there is no app \"shpo\" in the configuration; there is blog, shop",
        ),
        (
            &["nginx", "--upstream", "app:3000"],
            "--upstream needs the id of its app, because there are several: --upstream ID=app:3000",
        ),
        (
            &["nginx", "--upstream", "shop=app:3000"],
            "where is the app blog? There are several, so say --upstream blog=HOST:PORT",
        ),
        (
            &["nginx", "--upstream", "cms=app:3000"],
            "--upstream names the app cms, which this configuration is not for",
        ),
        (
            &["nginx", "--app", "shop", "--file", "nginx.cnf"],
            "there is no such file; there is doorward.conf, nginx.conf",
        ),
        (&["nginx", "--upstream", "https://app:3000"], "is meant"),
        (
            &["nginx", "--listen", ":8000"],
            "an address and a port such as 127.0.0.1:8000 is meant",
        ),
        (
            &["nginx", "--doorward", "a;b"],
            "a host name or an IP address is meant, such as doorward or 10.0.0.7",
        ),
        (
            &["nginx", "--certificate", "a b", "--certificate-key", "c"],
            "a path of letters, digits and /._-+@,~ is meant",
        ),
        (&["nginx", "--certificate", "a"], "--certificate-key"),
        (
            &["apache"],
            "possible values: nginx, traefik, caddy, haproxy, envoy",
        ),
    ] {
        let answer = run(words).await;
        assert_eq!(answer.code, Some(2), "{words:?}");
        assert!(answer.err.contains(said), "{words:?}: {}", answer.err);
        assert_eq!(answer.out, "", "{words:?}");
    }
}

#[tokio::test]
async fn a_listener_on_every_address_is_no_address_for_a_proxy_elsewhere() {
    let config = format!(
        "[server]\nlisten = \"0.0.0.0:8080\"\ntrusted_proxies = [\"10.0.0.1\"]\n[apps.shop]\nhosts = [\"shop.example.com\"]\nkeys = [\"{}\"]",
        hex::encode(
            (0..32_u8)
                .map(|at| at.wrapping_mul(151) ^ 0x5a)
                .collect::<Vec<_>>()
        ),
    );
    let said: Said = doorward::run(Some(&config), &["proxy-config", "caddy"])
        .await
        .into();
    assert!(
        said.err.contains("Doorward listens on 0.0.0.0:8080"),
        "{}",
        said.err
    );
    let words = ["proxy-config", "caddy", "--doorward", "doorward"];
    let said: Said = doorward::run(Some(&config), &words).await.into();
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    assert!(said.out.contains("doorward:8080"), "{}", said.out);
}
