//! The rules of one app.

use crate::config::declaration::{Fallback, Field, Section, Shape};
use crate::config::errors::{Read, Wrong};
use crate::config::fields::Fields;
use crate::domain::access::{Access, Method, Rule};
use crate::domain::ids::Role;
use crate::domain::path::PathPattern;

const PATH: Field = Field {
    name: "path",
    shape: Shape::Text,
    form: "a path such as /admin, or /admin/* for all below it",
    fallback: Fallback::Required,
    about: "`/x` is that path, `/x/*` is everything below it and not `/x`. A path that can be read in several ways \
            is judged in every reading, and the strictest result holds: `/x/` is also read as `/x`, so opening it takes a \
            rule for each of `/x` and `/x/*`.",
};
const METHODS: Field = Field {
    name: "methods",
    shape: Shape::List,
    form: "methods in capitals, such as GET and POST",
    fallback: Fallback::Stated("all"),
    about: "The methods that the rule covers. GET includes HEAD.",
};
const ACCESS: Field = Field {
    name: "access",
    shape: Shape::Text,
    form: "public, optional, user or deny",
    fallback: Fallback::Required,
    about: "Who may pass.",
};
const ROLES: Field = Field {
    name: "roles",
    shape: Shape::List,
    form: "roles, each 1 to 32 of a-z, 0-9 and -, not beginning with -",
    fallback: Fallback::Stated("any signed-in user"),
    about: "Any one of these is needed; only with `access = \"user\"`.",
};

pub(in crate::config) const SECTION: Section = Section {
    name: "rules",
    by_id: false,
    about: "The keys of a rule:",
    fields: &[PATH, METHODS, ACCESS, ROLES],
};

pub(super) fn read(mut fields: Fields<'_>) -> Read<Rule> {
    let pattern = fields.value(&PATH, |text| {
        PathPattern::parse(text).map_err(|error| PATH.refuse(text, &error.to_string()))
    });
    let methods = fields.list(&METHODS, |text| {
        Method::parse(text).map_err(|error| METHODS.refuse(text, &error.to_string()))
    });
    let methods = methods.and_then(|methods| filled(&mut fields, &METHODS, methods));
    let access: Read<Access> = fields.value(&ACCESS, |text| {
        text.parse()
            .map_err(|_| ACCESS.refuse(text, "is not a kind of access"))
    });
    let roles = fields.list(&ROLES, |text| {
        text.parse::<Role>()
            .map_err(|_| ROLES.refuse(text, "is not a role"))
    });
    let roles = roles.and_then(|roles| filled(&mut fields, &ROLES, roles));
    if let (Ok(access), Ok(Some(_))) = (access, &roles)
        && access != Access::User
    {
        let problem = format!("narrows access = \"{access}\", which asks for no user");
        let wrong = Wrong::new(problem, "leave the roles out, or write access = \"user\"");
        return Err(fields.wrong(&ROLES, wrong));
    }
    Ok(Rule {
        pattern: pattern?,
        methods: methods?.unwrap_or_default(),
        access: access?,
        roles: roles?.unwrap_or_default(),
    })
}

/// An empty list would cover nothing, or everything: whoever writes one is asked which.
fn filled<T>(fields: &mut Fields<'_>, field: &Field, list: Option<Vec<T>>) -> Read<Option<Vec<T>>> {
    match list {
        Some(list) if list.is_empty() => {
            let all = match field.fallback {
                Fallback::Stated(all) => all,
                Fallback::Value(_) | Fallback::Required => "the default",
            };
            let remedy = format!("write {}, or leave it out for {all}", field.form);
            Err(fields.wrong(field, Wrong::new("is empty", remedy)))
        }
        list => Ok(list),
    }
}
