-- How often somebody tried to sign in of late. A key is a hash: docs/decisions/0011-throttling.md says of what.
CREATE TABLE attempts (
    key        bytea       PRIMARY KEY CHECK (octet_length(key) = 32),
    drained_at timestamptz NOT NULL,
    next_at    timestamptz NOT NULL
);

-- The browsers that somebody has signed in with before.
CREATE TABLE devices (
    token_hash   bytea       PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    pool         text        NOT NULL,
    user_id      uuid        NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    failures     integer     NOT NULL DEFAULT 0,
    created_at   timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL
);

CREATE INDEX devices_user ON devices (user_id);
CREATE INDEX devices_use ON devices (last_used_at);
