// Who can sign in: everybody, under any name, with claims that follow from the name unless a test has set others.

export class Accounts {
    #claims = new Map();
    #logins = new Map();

    // Replaces what was set for this name before; null takes a claim away.
    set(login, claims) {
        this.#claims.set(login, claims);
        if (claims.sub) this.#logins.set(claims.sub, login);
    }

    // oidc-provider knows an account by its subject alone.
    subject(login) {
        return this.#claims.get(login)?.sub ?? login;
    }

    find = (_ctx, subject) => ({ accountId: subject, claims: async () => this.#claimsOf(subject) });

    #claimsOf(subject) {
        const login = this.#logins.get(subject) ?? subject;
        const claims = {
            name: login,
            email: login.includes('@') ? login : `${login}@example.com`,
            email_verified: true,
            ...this.#claims.get(login),
            sub: subject,
        };
        return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== null));
    }
}
