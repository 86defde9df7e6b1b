-- Which store has taken over the rows of `sessions`: docs/decisions/0013-redis.md.
CREATE TABLE session_moves (
    store TEXT NOT NULL PRIMARY KEY
) WITHOUT ROWID;
