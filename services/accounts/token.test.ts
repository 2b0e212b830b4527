import { expect, test } from '@jest/globals';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { createSigningKey, issueToken } from './token.ts';

const settings = { issuer: 'accounts', audience: 'shop', ttlSeconds: 900 };
const now = Date.parse('2026-03-01T10:00:00.700Z');
const user = { id: 'u1', roles: ['admin'] };

test('a token verifies against the published key and says who, for whom and until when', async () => {
  const key = await createSigningKey();
  const { token, expiresAt } = await issueToken(user, key, settings, now);
  const keys = createLocalJWKSet({ keys: [key.publicJwk] });
  const { payload } = await jwtVerify(token, keys, {
    algorithms: ['EdDSA'],
    issuer: 'accounts',
    audience: 'shop',
    currentDate: new Date(now),
  });
  const iat = Math.floor(now / 1_000);
  expect(payload).toEqual({ sub: 'u1', roles: ['admin'], iss: 'accounts', aud: 'shop', iat, exp: iat + 900 });
  expect(expiresAt).toBe('2026-03-01T10:15:00.000Z');
  expect(decodeProtectedHeader(token)).toEqual({ alg: 'EdDSA', kid: key.kid, typ: 'JWT' });
});

test('a token verifies against nobody else’s key', async () => {
  const { token } = await issueToken(user, await createSigningKey(), settings, now);
  const other = await createSigningKey();
  const keys = createLocalJWKSet({
    keys: [{ ...other.publicJwk, kid: decodeProtectedHeader(token).kid ?? '' }],
  });
  await expect(jwtVerify(token, keys, { currentDate: new Date(now) })).rejects.toThrow('signature');
});

test('what is published holds nothing private', async () => {
  const { publicJwk } = await createSigningKey();
  expect(Object.keys(publicJwk).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
});
