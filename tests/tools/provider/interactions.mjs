// Signing in at the provider: with pages for a person, and without any for a client that says in the cookie `as` who it
// is (`as=NAME`) or with which error to end it (`as=!ERROR`). The cookie's value is URL-encoded.

import { readBody } from './bodies.mjs';
import { consentPage, loginPage } from './pages.mjs';

const HOSTILE = 'refused: <script>alert(1)</script>';

export function interactions(provider, accounts) {
    return async (ctx, next) => {
        if (!/^\/interaction\/[\w-]+$/.test(ctx.path)) return next();
        const interaction = await provider.interactionDetails(ctx.req, ctx.res);
        const person = decodeURIComponent(ctx.cookies.get('as', { signed: false }) ?? '');
        if (person.startsWith('!')) {
            await finish(ctx, { error: person.slice(1), error_description: HOSTILE });
        } else if (person) {
            await finish(ctx, await signIn(interaction, person));
        } else if (ctx.method === 'POST') {
            await submit(ctx, interaction);
        } else {
            await show(ctx, interaction);
        }
    };

    async function show(ctx, { prompt, params }) {
        const client = await provider.Client.find(params.client_id);
        const page = prompt.name === 'login' ? loginPage : consentPage;
        ctx.type = 'html';
        ctx.set('cache-control', 'no-store');
        ctx.body = page(client.clientName ?? client.clientId);
    }

    async function submit(ctx, interaction) {
        const form = new URLSearchParams(await readBody(ctx.req));
        const login = form.get('login')?.trim();
        if (form.get('do') === 'cancel') {
            await finish(ctx, { error: 'access_denied', error_description: 'the person cancelled' });
        } else if (interaction.prompt.name === 'login' && login) {
            await finish(ctx, { login: { accountId: accounts.subject(login) } });
        } else if (interaction.prompt.name === 'consent') {
            const { accountId } = interaction.session;
            await finish(ctx, { consent: { grantId: await allow(interaction, accountId) } }, true);
        } else {
            await show(ctx, interaction);
        }
    }

    async function signIn(interaction, login) {
        const accountId = accounts.subject(login);
        return { login: { accountId }, consent: { grantId: await allow(interaction, accountId) } };
    }

    async function allow({ params }, accountId) {
        const grant = new provider.Grant({ accountId, clientId: params.client_id });
        grant.addOIDCScope(params.scope ?? '');
        return grant.save();
    }

    // Consent comes after a login, which still has to count when the request asked for one.
    async function finish(ctx, result, mergeWithLastSubmission = false) {
        const returnTo = await provider.interactionResult(ctx.req, ctx.res, result, { mergeWithLastSubmission });
        ctx.status = 303;
        ctx.redirect(returnTo);
    }
}
