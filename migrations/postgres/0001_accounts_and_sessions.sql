CREATE TABLE users (
    id            uuid        PRIMARY KEY,
    pool          text        NOT NULL,
    email         text        NOT NULL,
    password_hash text,
    roles         text        NOT NULL DEFAULT '',
    disabled      boolean     NOT NULL DEFAULT FALSE,
    epoch         bigint      NOT NULL DEFAULT 0,
    created_at    timestamptz NOT NULL,
    CONSTRAINT users_pool_email UNIQUE (pool, email)
);

CREATE TABLE sessions (
    id_hash      bytea       PRIMARY KEY CHECK (octet_length(id_hash) = 32),
    pool         text        NOT NULL,
    app          text        NOT NULL,
    user_id      uuid        NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    epoch        bigint      NOT NULL,
    created_at   timestamptz NOT NULL,
    signed_in_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    factors      text        NOT NULL,
    remembered   boolean     NOT NULL,
    device       text        NOT NULL
);

CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);
CREATE INDEX sessions_idle ON sessions (last_seen_at) WHERE NOT remembered;
