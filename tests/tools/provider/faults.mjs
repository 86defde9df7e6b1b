// An endpoint that hangs, breaks, or answers with what it should not.

import { Readable } from 'node:stream';

export class Faults {
    #faults = new Map();
    #trap;

    static WAYS = ['hang', '500', 'html', 'huge', 'redirect', 'close'];

    constructor(trap) {
        this.#trap = trap;
    }

    // For the next `times` requests of the path; without end when that is 0.
    set(path, how, times) {
        this.#faults.set(path, { how, left: times === 0 ? Infinity : times });
    }

    reset() {
        this.#faults.clear();
    }

    middleware = async (ctx, next) => {
        const fault = this.#faults.get(ctx.path);
        if (!fault || fault.left === 0) return next();
        fault.left -= 1;
        await this.#fail(fault.how, ctx, next);
    };

    async #fail(how, ctx, next) {
        switch (how) {
            case 'hang':
                ctx.respond = false;
                break;
            case '500':
                ctx.status = 500;
                ctx.body = { error: 'server_error', error_description: 'broken by a test' };
                break;
            case 'html':
                ctx.type = 'html';
                ctx.body = '<!doctype html><title>Proxy</title><p>"{not what you asked for';
                break;
            case 'huge':
                await next();
                ctx.type = 'json';
                ctx.body = Readable.from(padded(Object(ctx.body) === ctx.body ? ctx.body : {}));
                break;
            case 'redirect':
                ctx.status = 302;
                ctx.redirect(this.#trap);
                break;
            case 'close':
                ctx.respond = false;
                ctx.req.socket.destroy();
                break;
            default:
                throw new Error(`there is no fault "${how}"`);
        }
    }
}

// The right answer behind 64 MiB of padding: whoever reads all of it would not even notice.
function* padded(answer) {
    const chunk = 'x'.repeat(64 * 1024);
    yield '{"padding":"';
    for (let count = 0; count < 1024; count += 1) yield chunk;
    yield `",${JSON.stringify({ end: true, ...answer }).slice(1)}`;
}
