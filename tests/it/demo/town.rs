//! Town ID, the pretend provider, as somebody walks through it.

use crate::support::http::{Answer, Jar, navigate, post_form};

/// Begins a sign-in with Town ID at a Doorward, is this person there, and comes back: what the callback answers. `jar` holds
/// the browser's cookies at Doorward.
pub(crate) async fn come_in_as(base: &str, name: &str, jar: &mut Jar) -> Answer {
    let begun = open(&format!("{base}/login/town-id?rd=%2Fmembers"), jar).await;
    let there = begun.location().expect("the provider").to_owned();
    let page = navigate(&there, &[]).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let mut fields = hidden(&page);
    fields.push(("name".to_owned(), name.to_owned()));
    fields.push(("do".to_owned(), "continue".to_owned()));
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let url = there.split('?').next().expect("a path");
    let answer = post_form(url, &[], &fields).await;
    let back = answer
        .location()
        .unwrap_or_else(|| panic!("{}", answer.body))
        .to_owned();
    open(&back, jar).await
}

async fn open(url: &str, jar: &mut Jar) -> Answer {
    let answer = navigate(url, &[("cookie", &jar.line())]).await;
    jar.keep(&answer);
    answer
}

/// The hidden fields of a page's form.
pub(crate) fn hidden(page: &Answer) -> Vec<(String, String)> {
    let inputs = page.body.split("<input type=\"hidden\" name=\"").skip(1);
    let fields = inputs.filter_map(|rest| {
        let (name, rest) = rest.split_once("\" value=\"")?;
        Some((
            name.to_owned(),
            rest.split_once('"')?.0.replace("&#38;", "&"),
        ))
    });
    fields.collect()
}
