//! The hashing pool of a running Doorward.

use std::fs;
use std::path::PathBuf;

use futures_util::future::{join, join_all};

use super::super::support::doorward::Doorward;
use super::super::support::http::{Answer, get, post_form, post_json};
use super::super::visitor::{PASSWORD, credentials, registered};

const EMAIL: &str = "ann@example.com";
const NARROW: &str = "[limits]\nhashing_queue = 2\nhashing_concurrency = 1";

/// Of many answers, those that ask to come back; each says when.
fn turned_away(answers: &[Answer]) -> Vec<&Answer> {
    let busy: Vec<_> = answers
        .iter()
        .filter(|answer| answer.status == 503)
        .collect();
    for answer in &busy {
        assert_eq!(answer.header("retry-after"), Some("2"));
        assert!(answer.cookies().is_empty());
    }
    busy
}

#[tokio::test]
async fn threat_32_page_and_program_are_told_when_to_come_back() {
    let doorward = Doorward::builder().toml(NARROW).start().await;
    registered(&doorward, EMAIL).await;
    for path in ["/login", "/login/email", "/register", "/register/email"] {
        let url = format!("{}{path}", doorward.public());
        let body = credentials(EMAIL);
        let answers = join_all((0..40).map(|_| post_json(&url, &[], &body))).await;
        let busy = turned_away(&answers);
        assert!(!busy.is_empty(), "{path}");
        for answer in busy {
            assert_eq!(answer.code(), "busy");
            assert_eq!(
                answer.header("content-type"),
                Some("application/problem+json")
            );
        }
        let fields = [("email", EMAIL), ("password", PASSWORD), ("rd", "/x")];
        let pages = join_all((0..40).map(|_| post_form(&url, &[], &fields))).await;
        let busy = turned_away(&pages);
        assert!(!busy.is_empty(), "{path}");
        for page in busy {
            assert!(page.body.contains("Please try again in a few seconds."));
            assert!(page.body.contains(&format!("value=\"{EMAIL}\"")), "{path}");
        }
    }
}

#[tokio::test]
async fn threat_32_verification_goes_on_while_hashing_is_full() {
    let doorward = Doorward::builder().toml(NARROW).start().await;
    let cookie = registered(&doorward, EMAIL).await;
    let login = format!("{}/login", doorward.public());
    let original = format!("{}/private", doorward.public());
    let headers = [
        ("x-original-method", "GET"),
        ("x-original-url", original.as_str()),
        ("cookie", &cookie),
    ];
    let verify = format!("{}/verify/nginx", doorward.internal());
    let body = credentials(EMAIL);
    let storm = join_all((0..300).map(|_| post_json(&login, &[], &body)));
    let questions = async {
        let mut statuses = Vec::new();
        for _ in 0..300 {
            statuses.push(get(&verify, &headers).await.status.as_u16());
        }
        statuses
    };
    let (answers, statuses) = join(storm, questions).await;
    assert_eq!(statuses, [200; 300]);
    let busy = turned_away(&answers).len();
    let hashed = answers.iter().filter(|answer| answer.status == 200).count();
    assert!(
        busy > 0 && hashed > 0,
        "{busy} turned away, {hashed} signed in"
    );
    let other = answers
        .iter()
        .find(|answer| !matches!(answer.status.as_u16(), 200 | 503));
    assert!(other.is_none(), "{other:?}");
    assert_eq!(get(&login, &[]).await.status, 200, "pages go on");
}

/// The folder of the process in `/proc`, found by the configuration it was started with.
fn process(doorward: &Doorward) -> PathBuf {
    let config = doorward.data_folder().with_file_name("doorward.toml");
    let config = config.to_str().expect("UTF-8");
    let runs_it = |folder: &PathBuf| {
        let text = |file| fs::read_to_string(folder.join(file)).unwrap_or_default();
        text("comm").trim() == "doorward" && text("cmdline").contains(config)
    };
    let folders = fs::read_dir("/proc").expect("Linux").flatten();
    let found = folders.map(|entry| entry.path()).find(runs_it);
    found.expect("it runs")
}

/// On Linux a nice value belongs to a thread. It is the 19th field of `stat`, the 17th behind the name.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn threat_32_hashing_threads_yield_to_those_that_serve() {
    let toml = "[limits]\nhashing_concurrency = 3";
    let doorward = Doorward::builder().toml(toml).start().await;
    registered(&doorward, EMAIL).await;
    let tasks = fs::read_dir(process(&doorward).join("task")).expect("threads");
    let (mut hashing, mut serving) = (Vec::new(), Vec::new());
    for task in tasks.flatten() {
        let Ok(stat) = fs::read_to_string(task.path().join("stat")) else {
            continue;
        };
        let (name, fields) = stat.rsplit_once(") ").expect("a name in brackets");
        let nice: i32 = fields
            .split(' ')
            .nth(16)
            .expect("19 fields")
            .parse()
            .expect("a number");
        if name.contains("(hashing-") {
            hashing.push(nice);
        } else {
            serving.push(nice);
        }
    }
    assert_eq!(hashing, [19; 3]);
    assert!(serving.iter().all(|nice| *nice < 19), "{serving:?}");
    assert!(serving.len() > 1, "{serving:?}");
}
