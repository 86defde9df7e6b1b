//! The sections that exist once: bounds, formats, and what does not go together.

use super::{error, load, refused};

#[test]
fn listeners_are_addresses() {
    for bad in [
        "localhost:8080",
        "127.0.0.1",
        ":8080",
        "127.0.0.1:99999",
        "",
    ] {
        refused(
            &format!("[server]\nlisten = \"{bad}\""),
            "server.listen",
            "is not an IP address and a port",
        );
    }
    assert!(load("[server]\nlisten = \"[::1]:0\"\ninternal_listen = \"[::1]:0\"").is_ok());
    let same = "[server]\nlisten = \"127.0.0.1:8081\"";
    refused(same, "server.internal_listen", "the same as listen");
}

#[test]
fn threat_04_an_open_listener_needs_a_proxy_to_trust() {
    for (key, address) in [
        ("listen", "0.0.0.0:8080"),
        ("internal_listen", "[::]:8081"),
        ("listen", "10.0.0.2:80"),
    ] {
        let open = format!("[server]\n{key} = \"{address}\"\n");
        refused(&open, &format!("server.{key}"), "server.trusted_proxies");
        let empty = format!("{open}trusted_proxies = []");
        refused(&empty, &format!("server.{key}"), "server.trusted_proxies");
        let mapped = format!("{open}trusted_proxies = [\"::ffff:127.0.0.1\", \"127.0.0.9\"]");
        refused(&mapped, &format!("server.{key}"), "server.trusted_proxies");
        let trusting = format!("{open}trusted_proxies = [\"127.0.0.0/8\", \"10.0.0.5\"]");
        assert!(load(&trusting).is_ok());
    }
}

#[test]
fn threat_04_nobody_trusts_the_internet() {
    for net in [
        "0.0.0.0/0",
        "::/0",
        "0.0.0.0/1",
        "2000::/3",
        "::ffff:0:0/96",
    ] {
        let file = format!("[server]\ntrusted_proxies = [\"127.0.0.1\", \"{net}\"]");
        refused(&file, "server.trusted_proxies[1]", "forge the headers");
    }
    for good in ["10.0.0.0/8", "fc00::/7", "192.0.2.1", "2001:db8::1"] {
        assert!(
            load(&format!("[server]\ntrusted_proxies = [\"{good}\"]")).is_ok(),
            "{good}"
        );
    }
    for bad in ["proxy.example.com", "10.0.0.1:80", "10.0.0.0/33", ""] {
        let file = format!("[server]\ntrusted_proxies = [\"{bad}\"]");
        refused(
            &file,
            "server.trusted_proxies[0]",
            "neither an address nor a network",
        );
    }
}

#[test]
fn hops_are_one_to_sixteen() {
    for hops in [0, 17, -1, 4_294_967_297_i64] {
        refused(
            &format!("[server]\nhops = {hops}"),
            "server.hops",
            "from 1 to 16",
        );
    }
    assert!(load("[server]\nhops = 16").is_ok());
}

#[test]
fn a_base_path_is_plain() {
    for good in ["", "/auth", "/a/b-c_d.e~f"] {
        assert!(
            load(&format!("[server]\nbase_path = \"{good}\"")).is_ok(),
            "{good}"
        );
    }
    for bad in [
        "/", "auth", "/auth/", "//x", "/a//b", "/a/../b", "/.", "/ä", "/a%20b", "/a?b", "/a b",
        "/a;b",
    ] {
        refused(
            &format!("[server]\nbase_path = \"{bad}\""),
            "server.base_path",
            "is not a plain path",
        );
    }
}

#[test]
fn cookie_names_are_tokens_without_a_prefix() {
    assert!(load("[sessions]\ncookie_name = \"my.Session_1\"").is_ok());
    for bad in [
        "",
        "a b",
        "a;b",
        "a=b",
        "a,b",
        "ä",
        "a\\\"b",
        &"a".repeat(65),
    ] {
        refused(
            &format!("[sessions]\ncookie_name = \"{bad}\""),
            "sessions.cookie_name",
            "cookie name",
        );
    }
    refused(
        "[sessions]\ncookie_name = \"__Host-x\"",
        "sessions.cookie_name",
        "adds itself",
    );
}

#[test]
fn durations_have_units_and_an_order() {
    refused(
        "[sessions]\nidle_timeout = 3600",
        "sessions.idle_timeout",
        "with its unit",
    );
    refused(
        "[sessions]\nidle_timeout = \"3600\"",
        "sessions.idle_timeout",
        "has no unit",
    );
    refused(
        "[sessions]\nidle_timeout = \"soon\"",
        "sessions.idle_timeout",
        "is not a duration",
    );
    refused(
        "[sessions]\nidle_timeout = \"500ms\"",
        "sessions.idle_timeout",
        "too short",
    );
    refused(
        "[sessions]\nabsolute_timeout = \"20y\"",
        "sessions.absolute_timeout",
        "too long",
    );
    let longer = "[sessions]\nidle_timeout = \"2h\"\nabsolute_timeout = \"1h\"";
    refused(
        longer,
        "sessions.idle_timeout",
        "longer than absolute_timeout",
    );
    let equal = load("[sessions]\nidle_timeout = \"90m\"\nabsolute_timeout = \"1h 30m\"").unwrap();
    assert_eq!(equal.sessions.idle_timeout, equal.sessions.absolute_timeout);
}

#[test]
fn keys_of_later_features_are_not_known_yet() {
    assert!(error("[sessions]\nsecond_factor = \"totp\"").contains("is not a key"));
    assert!(error("[registration]\nconfirm = \"none\"").contains("is not a key"));
    assert!(error("[mail]\n").contains("is not a section"));
}

#[test]
fn registration_is_open_or_closed_and_may_be_held_to_domains() {
    let config = load(
        "[registration]\nmode = \"closed\"\nallowed_domains = [\"Example.COM\", \"bücher.de\"]",
    );
    let domains = config.unwrap().registration.allowed_domains;
    let domains: Vec<_> = domains.iter().map(ToString::to_string).collect();
    assert_eq!(domains, ["example.com", "xn--bcher-kva.de"]);
    refused(
        "[registration]\nmode = \"invite\"",
        "registration.mode",
        "write open or closed",
    );
    for bad in ["@example.com", "10.0.0.1", "localhost", "*.example.com", ""] {
        let file = format!("[registration]\nallowed_domains = [\"{bad}\"]");
        refused(
            &file,
            "registration.allowed_domains[0]",
            "such as example.com",
        );
    }
}

#[test]
fn threat_32_hashing_has_bounds() {
    let config = load("").unwrap();
    assert_eq!(
        (
            config.limits.hashing_memory,
            config.limits.hashing_iterations
        ),
        (19_456, 2)
    );
    assert_eq!(config.limits.hashing_queue, 64);
    assert!((1..=64).contains(&config.limits.hashing_concurrency));
    for (key, below, above) in [
        ("hashing_memory", 19_455, 1_048_577),
        ("hashing_iterations", 1, 17),
        ("hashing_concurrency", 0, 65),
        ("hashing_queue", 0, 4097),
    ] {
        for value in [below, above] {
            let file = format!("[limits]\n{key} = {value}");
            refused(
                &file,
                &format!("limits.{key}"),
                "is not a whole number from",
            );
        }
    }
}

#[test]
fn the_log_has_two_formats_and_five_levels() {
    for level in ["error", "warn", "info", "debug", "trace"] {
        let config = load(&format!("[log]\nformat = \"json\"\nlevel = \"{level}\"")).unwrap();
        assert_eq!(config.log.level.as_str(), level);
    }
    refused(
        "[log]\nlevel = \"INFO\"",
        "log.level",
        "error, warn, info, debug or trace",
    );
    refused(
        "[log]\nformat = \"xml\"",
        "log.format",
        "write text or json",
    );
}
