// Changes the ID tokens in the answers of the token endpoint, and keeps the right ones for the records.

import { decode, merge, sign } from './jws.mjs';

export class Tampering {
    #path;
    #keys;
    #records;
    #change;
    #left = 0;

    constructor(path, keys, records) {
        this.#path = path;
        this.#keys = keys;
        this.#records = records;
    }

    // For the next `times` ID tokens; without end when that is 0.
    set(change, times) {
        this.#change = change;
        this.#left = times === 0 ? Infinity : times;
    }

    reset() {
        this.#left = 0;
    }

    middleware = async (ctx, next) => {
        await next();
        if (ctx.path !== this.#path) return;
        this.#records.tokenRequest(ctx);
        if (ctx.status !== 200 || !ctx.body?.id_token) return;
        this.#records.idToken(ctx.body.id_token);
        if (this.#left === 0) return;
        this.#left -= 1;
        const { id_token: original, ...answer } = ctx.body;
        const token = await this.#altered(original, ctx.oidc.client);
        ctx.body = token === undefined ? answer : { ...answer, id_token: token };
    };

    async #altered(original, client) {
        const { drop, token, sign: way, header, claims } = this.#change;
        if (drop) return undefined;
        if (token !== null) return token;
        const { header: head, claims: before } = decode(original);
        return sign(way, this.#keys.get(head.alg), client.clientSecret, header, merge(before, claims));
    }
}
