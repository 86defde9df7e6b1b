// The configuration of oidc-provider.

import { asJwk } from './keys.mjs';
import { errorPage, signedOutPage, signOutPage } from './pages.mjs';
import { storage } from './storage.mjs';

export const ROUTES = {
    authorization: '/authorize',
    token: '/token',
    jwks: '/jwks',
    userinfo: '/userinfo',
    end_session: '/end-session',
};

const HOUR = 60 * 60;

// The part of the issuer's address that all paths begin with: empty, or as in `/realm`.
export function mountPath(issuer) {
    return new URL(issuer).pathname.replace(/\/$/, '');
}

export function settings(config, keys, accounts) {
    return over(
        {
            adapter: storage,
            clients: config.clients,
            jwks: { keys: [...keys.values()].map(asJwk) },
            routes: ROUTES,
            findAccount: accounts.find,
            claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'] },
            conformIdTokenClaims: false,
            pkce: { required: () => true },
            clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'none'],
            // A browser has the same cookies for every port of a host.
            cookies: {
                keys: [config.seed],
                names: {
                    session: `provider_${config.port}_session`,
                    interaction: `provider_${config.port}_interaction`,
                    resume: `provider_${config.port}_resume`,
                },
            },
            features: {
                devInteractions: { enabled: false },
                backchannelLogout: { enabled: true },
                rpInitiatedLogout: {
                    logoutSource: (ctx, form) => show(ctx, signOutPage(form)),
                    postLogoutSuccessSource: (ctx) => show(ctx, signedOutPage()),
                },
            },
            interactions: { url: (ctx, { uid }) => `http://${ctx.host}${mountPath(config.issuer)}/interaction/${uid}` },
            renderError: (ctx, answer) => show(ctx, errorPage(answer)),
            clientBasedCORS: () => false,
            // The library sends nothing to an address of this machine otherwise.
            fetch: (url, { dispatcher, ...options }) => fetch(url, options),
            ttl: {
                AccessToken: HOUR,
                AuthorizationCode: 60,
                Grant: 24 * HOUR,
                IdToken: HOUR,
                Interaction: HOUR,
                RefreshToken: 24 * HOUR,
                Session: 24 * HOUR,
            },
        },
        config.options ?? {},
    );
}

function show(ctx, page) {
    ctx.type = 'html';
    ctx.body = page;
}

function over(base, changes) {
    const merged = { ...base };
    for (const [name, value] of Object.entries(changes)) {
        merged[name] = isPlain(base[name]) && isPlain(value) ? over(base[name], value) : value;
    }
    return merged;
}

function isPlain(value) {
    return value !== null && typeof value === 'object' && !Array.isArray(value);
}
