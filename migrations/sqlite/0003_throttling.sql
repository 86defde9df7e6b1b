-- How often somebody tried to sign in of late. A key is a hash: docs/decisions/0011-throttling.md says of what.
CREATE TABLE attempts (
    key        BLOB    NOT NULL PRIMARY KEY CHECK (length(key) = 32),
    drained_at INTEGER NOT NULL,
    next_at    INTEGER NOT NULL
) WITHOUT ROWID;

-- The browsers that somebody has signed in with before.
CREATE TABLE devices (
    token_hash   BLOB    NOT NULL PRIMARY KEY CHECK (length(token_hash) = 32),
    pool         TEXT    NOT NULL,
    user_id      BLOB    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    failures     INTEGER NOT NULL DEFAULT 0,
    created_at   INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX devices_user ON devices (user_id);
CREATE INDEX devices_use ON devices (last_used_at);
