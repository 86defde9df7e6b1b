//! Every example with its real proxy: the same visitors, honest and not, before each of them.
//!
//! The cases are written once, a theme a file, and take the [`Front`] they are before. Over plain HTTP that is the example
//! to the letter with the addresses of the test; over TLS it is what `doorward proxy-config` prints for a site on https.
//! `cargo test --test it proxies::traefik` runs those of one proxy.

mod aliases;
mod answers;
mod base_path;
mod budgets;
mod configuration;
mod doctor;
mod expected;
mod forged;
mod hosts;
mod outage;
mod own_hosts;
mod pages;
mod paths;
mod scripts;
mod shared_login;
mod site;
mod smuggling;
mod walk;
mod websocket;

use super::support::proxy::Kind;
use site::{Front, Protocol};

/// A test of each case for one front.
macro_rules! tests {
    ($proxy:ident, $protocol:ident, $($theme:ident { $($case:ident),+ $(,)? })+) => {
        $(mod $theme {
            use super::super::super::$theme as cases;
            use crate::proxies::{Front, Kind, Protocol};

            $(#[tokio::test]
            async fn $case() {
                let front = Front { proxy: Kind::$proxy, protocol: Protocol::$protocol };
                cases::$case(front).await;
            })+
        })+
    };
}

/// Over plain HTTP: all but what only TLS or HTTP/2 can show.
macro_rules! over_http {
    ($proxy:ident) => {
        tests! { $proxy, Http,
            walk {
                a_visitor_is_sent_to_sign_in_and_comes_back_to_the_very_page,
                the_rules_of_the_example_hold,
                the_app_may_have_a_sign_in_page_of_its_own,
                the_app_sees_its_own_cookies_and_not_the_sessions,
                a_query_that_browsers_do_not_encode_is_returned_to,
                each_request_of_a_connection_is_judged_by_itself,
                threat_18_after_signing_out_the_captured_cookie_is_dead,
            }
            answers {
                the_apps_own_answers_pass_untouched,
                a_large_answer_arrives_whole,
                threat_22_no_cache_keeps_what_depends_on_a_session,
                a_script_is_told_where_to_sign_in_where_the_proxy_passes_it_on,
                a_head_request_is_answered_as_a_get,
                a_long_address_is_sent_to_sign_in_too,
            }
            pages {
                doorwards_pages_are_at_their_addresses_alone,
                threat_08_nothing_beside_the_pages_opens_the_app,
            }
            scripts {
                scripts_forms_and_frames_get_401_and_no_redirect,
                a_preflight_passes_where_a_rule_lets_it,
                what_a_signed_in_visitor_sends_reaches_the_app_whole,
                a_refused_upload_is_answered_and_does_not_reach_the_app,
                uploads_of_unknown_length_and_those_that_wait_reach_the_app,
                big_and_many_headers_reach_the_app,
                threat_21_more_than_can_be_read_is_refused_and_never_let_in,
            }
            websocket {
                a_websocket_opens_through_a_live_session_alone,
                nothing_but_a_websocket_leaves_http,
                no_tunnel_is_opened,
            }
            forged {
                threat_03_11_no_forged_identity_header_reaches_the_app,
                threat_04_06_forged_forwarding_headers_change_nothing,
                threat_04_the_app_is_told_the_truth_about_the_visitor,
                threat_11_a_visitor_takes_no_header_away,
                threat_11_no_broken_header_line_becomes_an_identity,
                threat_03_a_yes_without_an_identity_lets_no_forged_one_through,
                threat_43_no_visitor_can_ask_for_a_signature,
            }
            hosts {
                threat_09_a_host_that_is_not_the_apps_is_refused,
                threat_09_no_host_leads_to_a_public_path,
                threat_09_conflicting_hosts_never_reach_the_app,
            }
            paths {
                threat_08_no_spelling_of_a_denied_path_reaches_the_app,
                threat_08_no_public_path_leads_into_the_protected_part,
                threat_08_what_is_signed_is_what_the_app_is_asked,
            }
            smuggling { threat_42_no_second_request_is_smuggled_past_the_question }
            aliases {
                threat_06_no_header_that_means_another_request_reaches_the_app,
                threat_11_no_alias_reaches_the_app,
            }
            outage {
                threat_21_a_store_that_is_down_reaches_the_visitor_as_503_and_is_no_logout,
                threat_21_doorward_itself_down_is_503_and_never_an_open_door,
            }
            budgets { threat_05_30_no_header_of_a_visitor_buys_a_new_budget }
        }
    };
}

/// Over TLS: what its version of HTTP, its cookie names or what is printed for https can change.
macro_rules! over_tls {
    ($proxy:ident, $protocol:ident, $($theme:ident { $($case:ident),+ $(,)? })+) => {
        tests! { $proxy, $protocol,
            walk {
                a_visitor_is_sent_to_sign_in_and_comes_back_to_the_very_page,
                the_app_sees_its_own_cookies_and_not_the_sessions,
                threat_18_after_signing_out_the_captured_cookie_is_dead,
            }
            answers {
                the_apps_own_answers_pass_untouched,
                a_large_answer_arrives_whole,
            }
            pages { threat_08_nothing_beside_the_pages_opens_the_app }
            scripts {
                scripts_forms_and_frames_get_401_and_no_redirect,
                what_a_signed_in_visitor_sends_reaches_the_app_whole,
                big_and_many_headers_reach_the_app,
                threat_21_more_than_can_be_read_is_refused_and_never_let_in,
            }
            forged {
                threat_03_11_no_forged_identity_header_reaches_the_app,
                threat_04_06_forged_forwarding_headers_change_nothing,
                threat_04_the_app_is_told_the_truth_about_the_visitor,
                threat_43_no_visitor_can_ask_for_a_signature,
            }
            paths {
                threat_08_no_spelling_of_a_denied_path_reaches_the_app,
                threat_08_no_public_path_leads_into_the_protected_part,
                threat_08_what_is_signed_is_what_the_app_is_asked,
            }
            outage { threat_21_doorward_itself_down_is_503_and_never_an_open_door }
            $($theme { $($case),+ })+
        }
    };
}

/// What HTTP/1.1 over TLS adds.
macro_rules! over_https {
    ($proxy:ident) => {
        over_tls! { $proxy, Https,
            websocket { a_websocket_opens_through_a_live_session_alone, no_tunnel_is_opened }
            hosts {
                threat_09_a_host_that_is_not_the_apps_is_refused,
                threat_09_no_host_leads_to_a_public_path,
                threat_09_conflicting_hosts_never_reach_the_app,
            }
            base_path { pages_below_a_path_of_their_own_are_routed_there }
        }
    };
}

/// What HTTP/2 adds.
macro_rules! over_http2 {
    ($proxy:ident) => {
        over_tls! { $proxy, Http2,
            websocket { no_tunnel_is_opened_in_frames }
            hosts {
                threat_09_a_host_that_is_not_the_apps_is_refused,
                threat_09_no_host_leads_to_a_public_path,
                threat_09_an_authority_and_another_host_never_reach_the_app,
            }
            smuggling { threat_42_nothing_is_smuggled_through_frames }
            aliases { threat_11_no_alias_reaches_the_app }
        }
    };
}

/// Two apps with one sign-in, over TLS.
macro_rules! with_shared_login {
    ($proxy:ident, $($case:ident),+ $(,)?) => {
        $(#[tokio::test]
        async fn $case() {
            crate::proxies::shared_login::$case(crate::proxies::Kind::$proxy).await;
        })+
    };
}

macro_rules! before {
    ($($module:ident: $proxy:ident),+) => {
        $(mod $module {
            mod http {
                over_http! { $proxy }
            }
            mod https {
                over_https! { $proxy }
            }
            mod http2 {
                over_http2! { $proxy }
            }
            mod own_hosts {
                #[tokio::test]
                async fn each_app_has_people_pages_and_sessions_of_its_own() {
                    let kind = crate::proxies::Kind::$proxy;
                    crate::proxies::own_hosts::each_app_has_people_pages_and_sessions_of_its_own(kind).await;
                }
            }
            mod shared_login {
                with_shared_login! { $proxy,
                    one_sign_in_is_for_every_app_and_each_sees_its_own_signature,
                    threat_18_signing_out_once_is_signing_out_everywhere,
                    the_sign_in_host_has_the_pages_and_the_apps_have_none,
                    what_the_proxy_shows_of_doorward_has_its_style_from_the_sign_in_host,
                    threat_09_an_app_is_judged_under_its_own_host_alone,
                    threat_09_the_name_of_the_handshake_opens_no_sibling,
                    threat_21_without_doorward_every_door_is_shut,
                }
            }
        })+
    };
}

before! { nginx: Nginx, traefik: Traefik, caddy: Caddy, haproxy: Haproxy, envoy: Envoy }
