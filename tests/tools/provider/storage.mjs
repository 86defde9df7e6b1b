// What oidc-provider keeps, in memory. Its own storage in memory forgets the oldest of a thousand things, which is the
// middle of somebody's sign-in when many run at once. Nothing expires here: the library judges that by what it stored.

export function storage() {
    const entries = new Map();
    const sessions = new Map();
    return {
        async upsert(id, payload) {
            entries.set(id, payload);
            if (payload.uid) sessions.set(payload.uid, id);
        },
        async find(id) {
            return entries.get(id);
        },
        async findByUid(uid) {
            return entries.get(sessions.get(uid));
        },
        async consume(id) {
            entries.get(id).consumed = Math.floor(Date.now() / 1000);
        },
        async destroy(id) {
            entries.delete(id);
        },
        async revokeByGrantId(grantId) {
            for (const [id, payload] of entries) {
                if (payload.grantId === grantId) entries.delete(id);
            }
        },
    };
}
