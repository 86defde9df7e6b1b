ALTER TABLE users ADD COLUMN version bigint NOT NULL DEFAULT 0;

-- Every node remembers sessions that it has seen. On the channel doorward_changes it hears what to forget, whoever
-- changed it: docs/decisions/0014-coherent-cache.md. A payload is one letter and hex: `s` and the hashes of sessions,
-- `u` and the ids of users, or `*` for everything. PostgreSQL takes less than 8000 bytes in one.

CREATE FUNCTION doorward_tell_deleted_sessions() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_notify('doorward_changes', 's' || string_agg(encode(id_hash, 'hex'), ''))
    FROM (SELECT id_hash, (row_number() OVER () - 1) / 124 AS part FROM old_rows) AS numbered
    GROUP BY part;
    RETURN NULL;
END
$$;

CREATE TRIGGER tell_deleted AFTER DELETE ON sessions REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION doorward_tell_deleted_sessions();

CREATE FUNCTION doorward_tell_changed_session() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_notify('doorward_changes', 's' || encode(OLD.id_hash, 'hex'));
    RETURN NULL;
END
$$;

-- Every column but last_seen_at: a use is written once a minute and changes nothing that is remembered.
CREATE TRIGGER tell_changed
AFTER UPDATE OF id_hash, pool, app, user_id, epoch, created_at, signed_in_at, expires_at, factors, remembered, device
ON sessions FOR EACH ROW EXECUTE FUNCTION doorward_tell_changed_session();

CREATE FUNCTION doorward_tell_deleted_users() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_notify('doorward_changes', 'u' || string_agg(replace(id::text, '-', ''), ''))
    FROM (SELECT id, (row_number() OVER () - 1) / 240 AS part FROM old_rows) AS numbered
    GROUP BY part;
    RETURN NULL;
END
$$;

CREATE TRIGGER tell_deleted AFTER DELETE ON users REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION doorward_tell_deleted_users();

CREATE FUNCTION doorward_tell_changed_users() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_notify('doorward_changes', 'u' || string_agg(replace(id::text, '-', ''), ''))
    FROM (
        SELECT o.id, (row_number() OVER () - 1) / 240 AS part
        FROM old_rows AS o LEFT JOIN new_rows AS n ON n.id = o.id
        WHERE (o.pool, o.epoch, o.roles, o.disabled, o.version)
            IS DISTINCT FROM (n.pool, n.epoch, n.roles, n.disabled, n.version)
    ) AS numbered
    GROUP BY part;
    RETURN NULL;
END
$$;

CREATE TRIGGER tell_changed AFTER UPDATE ON users REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION doorward_tell_changed_users();

CREATE FUNCTION doorward_tell_truncated() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_notify('doorward_changes', '*');
    RETURN NULL;
END
$$;

CREATE TRIGGER tell_truncated AFTER TRUNCATE ON sessions
FOR EACH STATEMENT EXECUTE FUNCTION doorward_tell_truncated();

CREATE TRIGGER tell_truncated AFTER TRUNCATE ON users
FOR EACH STATEMENT EXECUTE FUNCTION doorward_tell_truncated();
