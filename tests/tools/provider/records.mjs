// What the provider has been asked, for tests that look at it afterwards.

import { decode } from './jws.mjs';

export class Records {
    #requests = {};
    #trapped = 0;
    #tokenRequest = null;
    #idTokens = {};

    // The own requests of the tests are not counted.
    middleware = async (ctx, next) => {
        if (ctx.path === '/control/trap') {
            this.#trapped += 1;
        } else if (!ctx.path.startsWith('/control/')) {
            const path = ctx.path.replace(/^\/(authorize|interaction)\/[\w-]+$/, '/$1/:id');
            this.#requests[path] = (this.#requests[path] ?? 0) + 1;
        }
        await next();
    };

    // Without secrets, which a test's log has no use for.
    tokenRequest(ctx) {
        const form = ctx.oidc?.body ?? {};
        this.#tokenRequest = {
            client_id: ctx.oidc?.client?.clientId ?? form.client_id ?? null,
            auth_method: authMethod(ctx, form),
            grant_type: form.grant_type ?? null,
            redirect_uri: form.redirect_uri ?? null,
            code_verifier: 'code_verifier' in form,
        };
    }

    idToken(token) {
        this.#idTokens[decode(token).claims.sub] = token;
    }

    requests() {
        return { paths: this.#requests, trap: this.#trapped };
    }

    last() {
        return { token_request: this.#tokenRequest, id_tokens: this.#idTokens };
    }
}

function authMethod(ctx, form) {
    if (ctx.get('authorization').startsWith('Basic ')) return 'client_secret_basic';
    return 'client_secret' in form ? 'client_secret_post' : 'none';
}
