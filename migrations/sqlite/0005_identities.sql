-- An account that came from a provider may have no address. Whose address was proven, and when, decides what a later proof
-- leaves alive: docs/decisions/0015-identities.md.
ALTER TABLE users ADD COLUMN email_proven_at INTEGER;

-- SQLite has no statement that takes NOT NULL away. A copy of the table would end every session with the old one; changing
-- the text of the schema, as SQLite's page on ALTER TABLE describes it, touches no row.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'email         TEXT    NOT NULL', 'email         TEXT')
WHERE type = 'table' AND name = 'users';
PRAGMA writable_schema = RESET;

-- Who somebody is at a provider.
CREATE TABLE identities (
    pool         TEXT    NOT NULL,
    issuer       TEXT    NOT NULL,
    client       TEXT    NOT NULL,
    subject      TEXT    NOT NULL,
    user_id      BLOB    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    provider     TEXT    NOT NULL,
    email        TEXT,
    linked_at    INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    PRIMARY KEY (pool, issuer, client, subject)
) WITHOUT ROWID;

CREATE INDEX identities_user ON identities (user_id);

-- Sign-ins that are under way at a provider.
CREATE TABLE sign_ins (
    state_hash   BLOB    NOT NULL PRIMARY KEY CHECK (length(state_hash) = 32),
    browser_hash BLOB    NOT NULL CHECK (length(browser_hash) = 32),
    provider     TEXT    NOT NULL,
    redirect_uri TEXT    NOT NULL,
    return_to    TEXT,
    link_user    BLOB    REFERENCES users (id) ON DELETE CASCADE,
    claim_hash   BLOB    CHECK (length(claim_hash) = 32),
    begun_at     INTEGER NOT NULL,
    used_at      INTEGER
) WITHOUT ROWID;

CREATE INDEX sign_ins_age ON sign_ins (begun_at);
CREATE INDEX sign_ins_user ON sign_ins (link_user);

-- Identities that wait for the owner of an account to say that they are theirs.
CREATE TABLE claims (
    claim_hash   BLOB    NOT NULL PRIMARY KEY CHECK (length(claim_hash) = 32),
    browser_hash BLOB    NOT NULL CHECK (length(browser_hash) = 32),
    user_id      BLOB    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    pool         TEXT    NOT NULL,
    issuer       TEXT    NOT NULL,
    client       TEXT    NOT NULL,
    subject      TEXT    NOT NULL,
    provider     TEXT    NOT NULL,
    email        TEXT    NOT NULL,
    return_to    TEXT,
    made_at      INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX claims_age ON claims (made_at);
CREATE INDEX claims_user ON claims (user_id);

-- Which session at a provider one of ours began with.
CREATE TABLE provider_sessions (
    id_hash  BLOB NOT NULL PRIMARY KEY REFERENCES sessions (id_hash) ON DELETE CASCADE,
    provider TEXT NOT NULL,
    issuer   TEXT NOT NULL,
    subject  TEXT NOT NULL,
    sid      TEXT,
    id_token TEXT
) WITHOUT ROWID;

CREATE INDEX provider_sessions_subject ON provider_sessions (issuer, subject);
CREATE INDEX provider_sessions_sid ON provider_sessions (issuer, sid);

-- Tokens of providers that count once.
CREATE TABLE used_tokens (
    token_hash BLOB    NOT NULL PRIMARY KEY CHECK (length(token_hash) = 32),
    ends_at    INTEGER NOT NULL
) WITHOUT ROWID;
