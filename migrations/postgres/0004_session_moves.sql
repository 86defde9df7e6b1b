-- Which store has taken over the rows of `sessions`: docs/decisions/0013-redis.md.
CREATE TABLE session_moves (
    store text PRIMARY KEY
);
