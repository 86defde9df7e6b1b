// Starts the OpenID Connect provider of the tests, on the loopback address alone: `node provider.mjs CONFIG.json`,
// where NODE_PATH names the folder of modules that `scripts/setup` fills. Says `ready ADDRESS` once it answers.
//
// CONFIG is {"port", "issuer", "seed", "clients", "options"}. The issuer may have a path. The seed signs cookies.
// Clients are as oidc-provider takes them, and options are laid over its configuration in settings.mjs.

import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';

import { Accounts } from './accounts.mjs';
import { control } from './control.mjs';
import { Faults } from './faults.mjs';
import { interactions } from './interactions.mjs';
import { newKeys } from './keys.mjs';
import { Records } from './records.mjs';
import { mountPath, ROUTES, settings } from './settings.mjs';
import { Tampering } from './tampering.mjs';

const config = JSON.parse(await readFile(process.argv[2], 'utf8'));
const address = `http://127.0.0.1:${config.port}`;
const Provider = await load();

const keys = await newKeys();
const accounts = new Accounts();
const provider = new Provider(config.issuer, settings(config, keys, accounts));
// Clients are judged when they are first looked for: a mistake should show now.
for (const { client_id: id } of config.clients) await provider.Client.find(id);

const records = new Records();
const faults = new Faults(`${address}/control/trap`);
const tampering = new Tampering(ROUTES.token, keys, records);
const mount = mountPath(config.issuer);

provider.use(withoutPathOfIssuer);
provider.use(records.middleware);
provider.use(control({ provider, keys, accounts, records, faults, tampering }));
provider.use(faults.middleware);
provider.use(tampering.middleware);
provider.use(interactions(provider, accounts));

provider.on('server_error', (_ctx, error) => console.error(error));
provider.on('backchannel.error', (_ctx, error, { clientId }) => {
    console.error(`logout at ${clientId}: ${(error.cause ?? error).message}`);
});
provider.on('error', (error) => isTheirs(error) || console.error(error));

const server = createServer(provider.callback());
// A client that reuses a connection should never meet one that this side is about to close.
server.keepAliveTimeout = 0;
server.listen(config.port, '127.0.0.1', () => console.log(`ready ${address}`));

// An import by name would look beside this file alone; this way NODE_PATH counts, and no modules are among the sources.
async function load() {
    const module = createRequire(import.meta.url).resolve('oidc-provider');
    const { warn } = console;
    // It asks for a newer Node than 20.18, though everything it does here works there.
    console.warn = () => {};
    const { Provider } = await import(pathToFileURL(module));
    console.warn = warn;
    return Provider;
}

async function withoutPathOfIssuer(ctx, next) {
    if (mount && ctx.path.startsWith(`${mount}/`)) {
        ctx.mountPath = mount;
        ctx.path = ctx.path.slice(mount.length);
    }
    await next();
}

// What the client is told anyway, or has caused by leaving before the end of an answer that hangs or is huge.
function isTheirs(error) {
    return error.expose || ['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE'].includes(error.code);
}
