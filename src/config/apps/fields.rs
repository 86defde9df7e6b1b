//! The keys of an app, and what each takes.

use crate::config::declaration::{Fallback, Field, Section, Shape};
use crate::config::errors::Wrong;
use crate::domain::access::Access;
use crate::domain::app::Binding;
use crate::domain::host::{HostEntry, Origin, Scheme};
use crate::domain::ids::PoolId;
use crate::domain::path::{PathPattern, RequestPath};

pub(super) const HOSTS: Field = Field {
    name: "hosts",
    shape: Shape::List,
    form: "at least one host, such as shop.example.com, localhost:3000 or https://localhost",
    fallback: Fallback::Required,
    about: "The hosts that visitors ask for: `[http://|https://]host[:port]`. https is implied, for loopback names \
            http; without a port every port matches. `*.example.com` stands for one label and needs a pool with a \
            `cookie_domain`. No host may belong to two apps.",
};
pub(super) const PUBLIC_URL: Field = Field {
    name: "public_url",
    shape: Shape::Text,
    form: "the origin of one of the app's hosts, such as https://shop.example.com, without a path",
    fallback: Fallback::Stated("the first host without `*`"),
    about: "Where links lead that are not made for a request at hand, in mails above all: the host of a request can be \
            forged.",
};
pub(super) const KEYS: Field = Field {
    name: "keys",
    shape: Shape::SecretList,
    form: "one to eight keys of 32 to 128 random bytes as hexadecimal digits",
    fallback: Fallback::Required,
    about: "What signs the app's `X-UserId`; `doorward key generate` makes one. The first signs, all verify. To \
            change a key, append the new one here and in the app; when every instance has it, move it to the front \
            here; after five minutes drop the old one. Sample keys and patterns are refused, and so is a key that \
            another app has.",
};
pub(super) const BINDING: Field = Field {
    name: "binding",
    shape: Shape::Text,
    form: "app or request",
    fallback: Fallback::Value("app"),
    about: "What an `X-UserId` is good for: any request to the app within its minute, or only the one method, host \
            and URI it was made for. `request` needs a proxy that does not rewrite.",
};
pub(super) const USERS: Field = Field {
    name: "users",
    shape: Shape::Text,
    form: "the id of a pool: 1 to 32 of a-z, 0-9 and -, not beginning with -",
    fallback: Fallback::Stated("the id of the app"),
    about: "The pool of users that may sign in. Apps share people only when told to: the same address in two pools \
            is two people.",
};
pub(super) const DEFAULT_ACCESS: Field = Field {
    name: "default_access",
    shape: Shape::Text,
    form: "public, optional, user or deny",
    fallback: Fallback::Value("user"),
    about: "Who may pass where no rule matches: `public` is everybody, `optional` everybody but the app learns who \
            is signed in, `user` those who are, `deny` nobody.",
};
pub(super) const LOGIN_PAGE: Field = Field {
    name: "login_page",
    shape: Shape::Text,
    form: "a plain path of the app such as /login.html, outside Doorward's own pages",
    fallback: Fallback::Stated("Doorward's own page"),
    about: "A sign-in page of the app's own. It is exempt from protection and posts to Doorward's `/login`.",
};
pub(super) const UPSTREAM: Field = Field {
    name: "upstream",
    shape: Shape::Text,
    form: "http:// with a host and port, such as http://127.0.0.1:3000, without a path",
    fallback: Fallback::Stated("none; another proxy forwards"),
    about: "Where the built-in gateway finds the app.",
};
pub(super) const RULES: Field = Field {
    name: "rules",
    shape: Shape::Tables,
    form: "rules such as [{ path = \"/admin/*\", access = \"user\", roles = [\"admin\"] }]",
    fallback: Fallback::Stated("none"),
    about: "Who may see which paths. The first rule that matches wins, else `default_access`. A variable takes the \
            whole list as TOML.",
};

pub(in crate::config) const SECTION: Section = Section {
    name: "apps",
    by_id: true,
    about: "One section for each protected app. The id has 1 to 32 of `a-z`, `0-9` and `-` and does not begin with \
            `-`; it is part of every signature. Without any app there is one called `app` for `localhost`, \
            `127.0.0.1` and `[::1]`, with a key that is made at the first start and kept beside the database.",
    fields: &[
        HOSTS,
        PUBLIC_URL,
        KEYS,
        BINDING,
        USERS,
        DEFAULT_ACCESS,
        LOGIN_PAGE,
        UPSTREAM,
        RULES,
    ],
};

pub(super) fn host(text: &str) -> Result<HostEntry, Wrong> {
    HostEntry::parse(text).map_err(|error| HOSTS.refuse(text, &error.to_string()))
}

pub(super) fn origin(text: &str) -> Result<Origin, Wrong> {
    Origin::parse(text)
        .map_err(|error| PUBLIC_URL.refuse(text, &format!("is no origin: it {error}")))
}

pub(super) fn binding(text: &str) -> Result<Binding, Wrong> {
    match text {
        "app" => Ok(Binding::App),
        "request" => Ok(Binding::Request),
        _ => Err(BINDING.refuse(text, "is not a binding")),
    }
}

pub(super) fn pool(text: &str) -> Result<PoolId, Wrong> {
    text.parse()
        .map_err(|_| USERS.refuse(text, "is not the id of a pool"))
}

pub(super) fn access(text: &str) -> Result<Access, Wrong> {
    text.parse()
        .map_err(|_| DEFAULT_ACCESS.refuse(text, "is not a kind of access"))
}

/// A path that is the same however it is read, and that Doorward does not serve itself.
pub(super) fn login_page(text: &str, own_pages: &[PathPattern]) -> Result<String, Wrong> {
    let pattern = PathPattern::parse(text);
    let pattern = pattern.map_err(|error| LOGIN_PAGE.refuse(text, &error.to_string()))?;
    let path = RequestPath::parse(text);
    let path = path.map_err(|error| LOGIN_PAGE.refuse(text, &format!("is not usable: {error}")))?;
    if pattern.to_string().ends_with('*') {
        return Err(LOGIN_PAGE.refuse(text, "stands for more than one page"));
    }
    if path
        .views()
        .any(|view| own_pages.iter().any(|own| own.matches(&view)))
    {
        return Err(LOGIN_PAGE.refuse(text, "is one of Doorward's own pages"));
    }
    Ok(text.to_owned())
}

pub(super) fn upstream(text: &str) -> Result<String, Wrong> {
    let refuse = |problem: &str| UPSTREAM.refuse(text, problem);
    let origin =
        Origin::parse(text).map_err(|error| refuse(&format!("is no address: it {error}")))?;
    match origin.scheme() {
        Scheme::Http => Ok(origin.to_string()),
        Scheme::Https => Err(refuse(
            "asks for https, which the built-in gateway does not speak to apps",
        )),
    }
}
