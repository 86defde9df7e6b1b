-- An account that came from a provider may have no address. Whose address was proven, and when, decides what a later proof
-- leaves alive: docs/decisions/0015-identities.md.
ALTER TABLE users ALTER COLUMN email DROP NOT NULL;
ALTER TABLE users ADD COLUMN email_proven_at timestamptz;

-- Who somebody is at a provider.
CREATE TABLE identities (
    pool         text        NOT NULL,
    issuer       text        NOT NULL,
    client       text        NOT NULL,
    subject      text        NOT NULL,
    user_id      uuid        NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    provider     text        NOT NULL,
    email        text,
    linked_at    timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL,
    PRIMARY KEY (pool, issuer, client, subject)
);

CREATE INDEX identities_user ON identities (user_id);

-- Sign-ins that are under way at a provider.
CREATE TABLE sign_ins (
    state_hash   bytea       PRIMARY KEY CHECK (octet_length(state_hash) = 32),
    browser_hash bytea       NOT NULL CHECK (octet_length(browser_hash) = 32),
    provider     text        NOT NULL,
    redirect_uri text        NOT NULL,
    return_to    text,
    link_user    uuid        REFERENCES users (id) ON DELETE CASCADE,
    claim_hash   bytea       CHECK (octet_length(claim_hash) = 32),
    begun_at     timestamptz NOT NULL,
    used_at      timestamptz
);

CREATE INDEX sign_ins_age ON sign_ins (begun_at);
CREATE INDEX sign_ins_user ON sign_ins (link_user);

-- Identities that wait for the owner of an account to say that they are theirs.
CREATE TABLE claims (
    claim_hash   bytea       PRIMARY KEY CHECK (octet_length(claim_hash) = 32),
    browser_hash bytea       NOT NULL CHECK (octet_length(browser_hash) = 32),
    user_id      uuid        NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    pool         text        NOT NULL,
    issuer       text        NOT NULL,
    client       text        NOT NULL,
    subject      text        NOT NULL,
    provider     text        NOT NULL,
    email        text        NOT NULL,
    return_to    text,
    made_at      timestamptz NOT NULL
);

CREATE INDEX claims_age ON claims (made_at);
CREATE INDEX claims_user ON claims (user_id);

-- Which session at a provider one of ours began with.
CREATE TABLE provider_sessions (
    id_hash  bytea PRIMARY KEY REFERENCES sessions (id_hash) ON DELETE CASCADE,
    provider text  NOT NULL,
    issuer   text  NOT NULL,
    subject  text  NOT NULL,
    sid      text,
    id_token text
);

CREATE INDEX provider_sessions_subject ON provider_sessions (issuer, subject);
CREATE INDEX provider_sessions_sid ON provider_sessions (issuer, sid);

-- Tokens of providers that count once.
CREATE TABLE used_tokens (
    token_hash bytea       PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    ends_at    timestamptz NOT NULL
);
