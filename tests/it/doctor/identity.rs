//! Whose identity reaches the app.

use super::site::{Clinic, PROBE};
use crate::support::doorward::Doorward;

async fn probed(wrong: &[(&str, &str)]) -> super::site::Told {
    Clinic::with(wrong)
        .await
        .diagnose(&["--probe", PROBE])
        .await
}

const IDENTITY: &str = "proxy_set_header X-UserId $user_id;";

#[tokio::test]
async fn an_identity_that_passes_is_found() {
    let told = probed(&[(IDENTITY, "proxy_set_header X-UserId $http_x_userid;")]).await;
    told.assert_only("identity", IDENTITY);
    let told = probed(&[("        proxy_set_header X-UserId $user_id;\n", "")]).await;
    told.assert_only("identity", IDENTITY);
    let beside =
        "map $http_x_userid $either { \"\" $user_id; default $http_x_userid; }\n\n# The port as";
    let told = probed(&[
        ("# The port as", beside),
        (IDENTITY, "proxy_set_header X-UserId $either;"),
    ])
    .await;
    told.assert_only("identity", IDENTITY);
    let what = told.finding()["what"].as_str().expect("words");
    assert_eq!(what, "the client's own X-UserId reaches the app");
}

#[tokio::test]
async fn a_forged_identity_that_opens_a_page_is_found_without_a_probe() {
    let wrong = [(
        "auth_request /.doorward;",
        "if ($http_x_userid) { return 200; }\n        auth_request /.doorward;",
    )];
    let told = Clinic::with(&wrong).await.diagnose(&[]).await;
    told.assert_only("identity", IDENTITY);
}

#[tokio::test]
async fn an_alias_that_passes_is_found() {
    let told = probed(&[("underscores_in_headers off;", "underscores_in_headers on;")]).await;
    told.assert_only("aliases", "underscores_in_headers off;");
    let told = probed(&[("ignore_invalid_headers on;", "ignore_invalid_headers off;")]).await;
    told.assert_only("aliases", "ignore_invalid_headers on;");
}

#[tokio::test]
async fn a_connection_of_the_clients_is_found() {
    let line = "proxy_set_header Connection $connection_header;";
    let told = probed(&[(line, "proxy_set_header Connection $http_connection;")]).await;
    told.assert_only("connection", line);
}

#[tokio::test]
async fn a_signature_that_the_app_would_refuse_is_found() {
    let clinic = Clinic::with(&[]).await;
    let other = Doorward::builder().start().await;
    let key = other.key_hex();
    let toml = format!(
        "[apps.shop]\nhosts = [\"localhost\"]\nkeys = [\"{key}\"]\nrules = [{{ path = \"/news/*\", access = \"public\" }}]\n"
    );
    let told = clinic
        .diagnose_without_configuration(&["--probe", PROBE], &toml)
        .await;
    told.assert_only(
        "signature",
        "proxy_pass http://doorward_internal/verify/nginx/shop;",
    );
}

#[tokio::test]
async fn a_clock_that_is_off_is_found() {
    let clinic = Clinic::with(&[]).await;
    for (off, side) in [(-120, "behind"), (40, "ahead of")] {
        let probe = format!("{PROBE}?clock={off}");
        let told = clinic.diagnose(&["--probe", &probe]).await;
        told.assert_wrong(&["clock"]);
        let what = told.finding()["what"].as_str().expect("words");
        assert!(what.contains(side), "{what}");
        let words = told.finding()["mend"]["words"].as_str().expect("words");
        assert!(words.contains("NTP"), "{words}");
    }
}

#[tokio::test]
async fn what_a_client_claims_about_itself_is_found() {
    let connection = "proxy_set_header Cookie $app_cookies;";
    for header in [
        "X-Forwarded-For",
        "X-Forwarded-Proto",
        "X-Forwarded-Host",
        "Forwarded",
        "X-Original-URL",
        "X-Forwarded-Port",
        "X-Rewrite-URL",
        "X-HTTP-Method-Override",
    ] {
        let variable = header.to_lowercase().replace('-', "_");
        // A second line for a header is sent beside the first.
        let added = format!("{connection}\n        proxy_set_header {header} $http_{variable};");
        let told = probed(&[(connection, &added)]).await;
        told.assert_only("forwarded", "proxy_set_header Forwarded \"\";");
        assert!(told.finding().to_string().contains(header), "{header}");
    }
}

#[tokio::test]
async fn a_client_that_changes_the_question_is_found() {
    let line = "proxy_set_header X-Original-URL $scheme://$host$public_port$request_uri;";
    let asked = "map $http_x_original_url $asked { \"\" $scheme://$host$public_port$request_uri; default $http_x_original_url; }\n\n# The port as";
    let told = probed(&[
        ("# The port as", asked),
        (line, "proxy_set_header X-Original-URL $asked;"),
    ])
    .await;
    told.assert_only("question", line);
}

#[tokio::test]
async fn an_identity_in_an_answer_is_found() {
    let told = probed(&[(
        "auth_request /.doorward;",
        "auth_request /.doorward;\n        add_header X-UserId $user_id;",
    )])
    .await;
    told.assert_only("leaks", IDENTITY);
    let shown = told.finding().to_string();
    assert!(
        shown.contains("anonymous.") && shown.contains(".…"),
        "the signature is not shown: {shown}"
    );
}

#[tokio::test]
async fn websockets_that_do_not_pass_are_found() {
    let line = "proxy_set_header Connection $connection_header;";
    let told = probed(&[(line, "proxy_set_header Connection \"\";")]).await;
    told.assert_only("websockets", line);
}

#[tokio::test]
async fn another_upgrade_that_passes_is_found() {
    let told = probed(&[
        ("~*^websocket$ websocket;", "~. $http_upgrade;"),
        ("    websocket upgrade;\n", "    ~. upgrade;\n"),
    ])
    .await;
    told.assert_only("upgrades", "~*^websocket$ websocket;");
}
