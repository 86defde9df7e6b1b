//! Caddy `forward_auth`: asks and passes on as Traefik does.

use super::{Dialect, Manner, traefik};

/// `/verify/caddy`.
pub(super) const DIALECT: Dialect = Dialect {
    name: "caddy",
    read: traefik::read,
    manner: Manner::PassedOn { aliases: false },
    returns_cookies: false,
};
