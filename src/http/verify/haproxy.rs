//! HAProxy, by a Lua action that asks as nginx does.

use super::{Dialect, Manner, nginx};

/// `/verify/haproxy`.
pub(super) const DIALECT: Dialect = Dialect {
    name: "haproxy",
    read: nginx::read,
    manner: Manner::StatusOnly,
    returns_cookies: false,
};
