//! What somebody without a session is told.

use super::site::{Clinic, PROBE, Told};

async fn probed(wrong: &[(&str, &str)]) -> Told {
    Clinic::with(wrong)
        .await
        .diagnose(&["--probe", PROBE])
        .await
}

const QUESTION: &str = "proxy_set_header X-Original-URL $scheme://$host$public_port$request_uri;";

#[tokio::test]
async fn an_app_that_is_not_protected_is_found() {
    let told = probed(&[("        auth_request /.doorward;\n", "")]).await;
    told.assert_only("protected", "auth_request /.doorward;");
}

#[tokio::test]
async fn a_bare_401_is_found() {
    let told = probed(&[("        error_page 401 500 = @door;\n", "")]).await;
    told.assert_only("protected", "error_page 401 500 = @door;");
}

#[tokio::test]
async fn a_question_that_doorward_does_not_understand_is_found() {
    let told = probed(&[(QUESTION, "")]).await;
    told.assert_only("protected", QUESTION);
    let told = probed(&[("/verify/nginx/shop;", "/verify/nginx/blog;")]).await;
    told.assert_only("protected", QUESTION);
}

#[tokio::test]
async fn a_question_that_nobody_answers_is_found() {
    let told = probed(&[(
        "proxy_pass http://doorward_internal/",
        "proxy_pass http://127.0.0.1:1/",
    )])
    .await;
    told.assert_only(
        "protected",
        "proxy_pass http://doorward_internal/verify/nginx/shop;",
    );
}

#[tokio::test]
async fn an_outage_that_is_not_shown_as_503_is_found() {
    let mut clinic = Clinic::with(&[]).await;
    clinic.doorward.stop().await;
    clinic.diagnose(&[]).await.assert_wrong(&["pages"]);

    let mut clinic = Clinic::with(&[("        if ($door ~ ^5) { return 503; }\n", "")]).await;
    clinic.doorward.stop().await;
    clinic
        .diagnose(&[])
        .await
        .assert_wrong(&["outage", "pages"]);
}

#[tokio::test]
async fn a_redirect_for_what_no_browser_shows_is_found() {
    let redirect = "return 302 $login;";
    for wrong in [
        ("        return 401;\n", "        return 302 /login;\n"),
        (
            "if ($login) { return 302 $login; }",
            "if ($request_method = POST) { return 302 /login; }\n        if ($login) { return 302 $login; }",
        ),
        (
            "if ($login) { return 302 $login; }",
            "if ($http_sec_websocket_key) { return 302 /login; }\n        if ($login) { return 302 $login; }",
        ),
    ] {
        let told = probed(&[wrong]).await;
        told.assert_only("refusals", &format!("if ($login) {{ {redirect} }}"));
    }
}

#[tokio::test]
async fn a_path_that_is_judged_as_another_is_found() {
    let cleaned = "map $request_uri $cleaned { \"~^(?<shown>[^;]*);\" $shown; default $request_uri; }\n\n# The port as";
    let rules = [(
        "    { path = \"/news/*\", access = \"optional\" },",
        "    { path = \"/news/*\", access = \"optional\" },\n    { path = \"/doorward-doctor/*\", access = \"public\" },",
    )];
    let shown = "proxy_set_header X-Original-URL $scheme://$host$public_port$cleaned;";
    let clinic = Clinic::with_toml(&rules, &[("# The port as", cleaned), (QUESTION, shown)]).await;
    let told = clinic.diagnose(&["--probe", PROBE]).await;
    told.assert_only("paths", QUESTION);
}

#[tokio::test]
async fn an_app_that_answers_to_any_host_is_found() {
    let told = probed(&[(
        QUESTION,
        "proxy_set_header X-Original-URL http://localhost:PORT$request_uri;",
    )])
    .await;
    told.assert_only("other-hosts", QUESTION);
}
