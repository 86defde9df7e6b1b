// Signed tokens, right ones and forged ones. They are put together by hand, as no library makes those that a relying
// party has to refuse.

import { createHmac, sign as signWith } from 'node:crypto';

import { newKey } from './keys.mjs';

export const WAYS = ['same', 'foreign', 'none', 'hs256-secret', 'hs256-public', 'broken'];

// Signs in one of the WAYS. The header is laid over the one that belongs to the way, so it can also say what is untrue.
export async function sign(way, key, secret, header, claims) {
    const head = merge({ alg: algorithm(way, key), kid: key.kid }, header);
    const input = `${encode(JSON.stringify(head))}.${encode(JSON.stringify(claims))}`;
    return `${input}.${await signature(way, key, secret, input)}`;
}

export function decode(token) {
    const [header, claims] = token.split('.', 2).map((part) => JSON.parse(Buffer.from(part, 'base64url')));
    return { header, claims };
}

// What null stands for is removed, and {"now": -100} is a hundred seconds ago.
export function merge(base, changes) {
    const merged = { ...base };
    for (const [name, value] of Object.entries(changes ?? {})) {
        if (value === null) delete merged[name];
        else merged[name] = typeof value?.now === 'number' ? now() + value.now : value;
    }
    return merged;
}

export function now() {
    return Math.floor(Date.now() / 1000);
}

function algorithm(way, key) {
    if (way === 'none') return 'none';
    return way.startsWith('hs256') ? 'HS256' : key.alg;
}

async function signature(way, key, secret, input) {
    switch (way) {
        case 'same':
            return asymmetric(key, input);
        case 'foreign':
            return asymmetric(await newKey(key.alg, key.kid), input);
        case 'none':
            return '';
        case 'hs256-secret':
            return hmac(secret ?? '', input);
        case 'hs256-public':
            return hmac(key.publicKey.export({ format: 'pem', type: 'spki' }), input);
        case 'broken':
            return broken(asymmetric(key, input));
        default:
            throw new Error(`there is no way of signing "${way}"`);
    }
}

function asymmetric({ alg, privateKey }, input) {
    const digest = alg === 'EdDSA' ? null : 'sha256';
    return encode(signWith(digest, Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' }));
}

function hmac(secret, input) {
    return encode(createHmac('sha256', secret).update(input).digest());
}

// Not the last character, some bits of which mean nothing.
function broken(signed) {
    return signed.slice(0, 10) + (signed[10] === 'A' ? 'B' : 'A') + signed.slice(11);
}

function encode(bytes) {
    return Buffer.from(bytes).toString('base64url');
}
