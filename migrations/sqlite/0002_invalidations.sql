ALTER TABLE users ADD COLUMN version INTEGER NOT NULL DEFAULT 0;

-- Every process remembers sessions that it has seen, and reads here what to forget, whoever changed it:
-- docs/decisions/0014-coherent-cache.md. The numbers have no gaps but for rows that were removed before they were read.
CREATE TABLE invalidations (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    id_hash BLOB,
    user_id BLOB
);

CREATE TRIGGER invalidations_bounded AFTER INSERT ON invalidations WHEN NEW.seq % 1000 = 0
BEGIN
    DELETE FROM invalidations WHERE seq <= NEW.seq - 50000;
END;

CREATE TRIGGER sessions_deleted AFTER DELETE ON sessions
BEGIN
    INSERT INTO invalidations (id_hash) VALUES (OLD.id_hash);
END;

-- Every column but last_seen_at: a use is written once a minute and changes nothing that is remembered.
CREATE TRIGGER sessions_changed
AFTER UPDATE OF id_hash, pool, app, user_id, epoch, created_at, signed_in_at, expires_at, factors, remembered, device
ON sessions
BEGIN
    INSERT INTO invalidations (id_hash) VALUES (OLD.id_hash);
END;

-- What REPLACE takes away fires no trigger for the deletion.
CREATE TRIGGER sessions_replaced BEFORE INSERT ON sessions
WHEN EXISTS (SELECT 1 FROM sessions WHERE id_hash = NEW.id_hash)
BEGIN
    INSERT INTO invalidations (id_hash) VALUES (NEW.id_hash);
END;

CREATE TRIGGER users_deleted AFTER DELETE ON users
BEGIN
    INSERT INTO invalidations (user_id) VALUES (OLD.id);
END;

CREATE TRIGGER users_changed AFTER UPDATE OF id, pool, epoch, roles, disabled, version ON users
BEGIN
    INSERT INTO invalidations (user_id) VALUES (OLD.id);
END;

CREATE TRIGGER users_replaced BEFORE INSERT ON users
BEGIN
    INSERT INTO invalidations (user_id)
    SELECT id FROM users WHERE id = NEW.id OR (pool = NEW.pool AND email = NEW.email);
END;

CREATE TRIGGER users_moved BEFORE UPDATE OF id, pool, email ON users
BEGIN
    INSERT INTO invalidations (user_id)
    SELECT id FROM users WHERE id <> OLD.id AND (id = NEW.id OR (pool = NEW.pool AND email = NEW.email));
END;

CREATE TRIGGER sessions_moved BEFORE UPDATE OF id_hash ON sessions
WHEN NEW.id_hash <> OLD.id_hash
BEGIN
    INSERT INTO invalidations (id_hash) VALUES (NEW.id_hash);
END;
