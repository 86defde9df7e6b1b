// The signing keys, one for each algorithm. They are new at every start, so a restart on the same port is a rotation.

import { generateKeyPair, randomUUID } from 'node:crypto';
import { promisify } from 'node:util';

const KINDS = {
    RS256: ['rsa', { modulusLength: 2048 }],
    ES256: ['ec', { namedCurve: 'P-256' }],
    EdDSA: ['ed25519', {}],
};

export async function newKeys() {
    const keys = await Promise.all(Object.keys(KINDS).map((alg) => newKey(alg)));
    return new Map(keys.map((key) => [key.alg, key]));
}

export async function newKey(alg, kid = `${alg}-${randomUUID()}`) {
    const { privateKey, publicKey } = await promisify(generateKeyPair)(...KINDS[alg]);
    return { alg, kid, privateKey, publicKey };
}

export function asJwk({ alg, kid, privateKey }) {
    return { ...privateKey.export({ format: 'jwk' }), alg, kid, use: 'sig' };
}
