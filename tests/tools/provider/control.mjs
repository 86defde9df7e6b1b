// How tests change what the provider does next and learn what it has done: JSON under /control/.

import { randomUUID } from 'node:crypto';

import { readBody } from './bodies.mjs';
import { Faults } from './faults.mjs';
import { merge, now, sign, WAYS } from './jws.mjs';

const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout';

export function control({ provider, keys, accounts, records, faults, tampering }) {
    const actions = {
        'POST /control/account': ({ login, claims = {} }) => {
            if (!login || claims.sub === null) throw new Mistake('an account needs a login and a sub');
            accounts.set(login, claims);
        },
        'POST /control/tamper': ({ times = 1, ...change }) => {
            tampering.set({ drop: false, token: null, ...change, sign: wayOf(change) }, times);
        },
        'POST /control/fail': ({ path, how, times = 1 }) => {
            if (!path || !Faults.WAYS.includes(how)) throw new Mistake(`a fault needs a path and how: ${Faults.WAYS}`);
            faults.set(path, how, times);
        },
        'POST /control/reset': () => {
            faults.reset();
            tampering.reset();
        },
        'POST /control/logout_token': async (wanted) => ({ logout_token: await logoutToken(wanted) }),
        'GET /control/requests': () => records.requests(),
        'GET /control/last': () => records.last(),
    };
    const fields = {
        'POST /control/account': ['login', 'claims'],
        'POST /control/tamper': ['claims', 'header', 'sign', 'token', 'drop', 'times'],
        'POST /control/fail': ['path', 'how', 'times'],
        'POST /control/logout_token': ['client_id', 'sub', 'sid', 'claims', 'header', 'sign'],
    };

    return async (ctx, next) => {
        if (!ctx.path.startsWith('/control/')) return next();
        const name = `${ctx.method} ${ctx.path}`;
        try {
            if (ctx.path === '/control/trap') {
                ctx.body = {};
            } else if (name in actions) {
                ctx.body = (await actions[name](await bodyOf(ctx, fields[name] ?? []))) ?? {};
            } else {
                ctx.status = 404;
                ctx.body = { error: `there is no ${name}` };
            }
        } catch (error) {
            if (!(error instanceof Mistake)) throw error;
            ctx.status = 400;
            ctx.body = { error: error.message };
        }
    };

    async function logoutToken({ client_id: id, sub, sid, header, claims, ...rest }) {
        const client = await provider.Client.find(id);
        if (!client) throw new Mistake(`there is no client ${id}`);
        const usual = {
            iss: provider.issuer,
            aud: id,
            iat: now(),
            exp: now() + 120,
            jti: randomUUID(),
            events: { [LOGOUT_EVENT]: {} },
            ...(sub && { sub }),
            ...(sid && { sid }),
        };
        const key = keys.get(client.idTokenSignedResponseAlg);
        const head = { typ: 'logout+jwt', ...header };
        return sign(wayOf(rest), key, client.clientSecret, head, merge(usual, claims));
    }
}

// What the test got wrong, as opposed to this program.
class Mistake extends Error {}

function wayOf({ sign: way = 'same' }) {
    if (!WAYS.includes(way)) throw new Mistake(`sign is one of ${WAYS.join(', ')}`);
    return way;
}

// A field with a slip of the pen would be a test that tests nothing.
async function bodyOf(ctx, fields) {
    const text = await readBody(ctx.req);
    let body;
    try {
        body = JSON.parse(text || '{}');
    } catch {
        throw new Mistake('the body is not JSON');
    }
    const unknown = Object.keys(body).filter((name) => !fields.includes(name));
    if (unknown.length > 0) throw new Mistake(`unknown: ${unknown.join(', ')}`);
    return body;
}
