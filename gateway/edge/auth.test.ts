import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { base64url, type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { type Authenticator, createAuthenticator } from './auth.ts';
import { createKeySet, type KeySet } from './key-set.ts';

const now = () => Math.floor(Date.now() / 1_000);

describe('authenticator', () => {
  let ours: { publicKey: CryptoKey; privateKey: CryptoKey };
  let stranger: { privateKey: CryptoKey };
  let authenticator: Authenticator;
  let jwk: Awaited<ReturnType<typeof exportJWK>>;

  beforeAll(async () => {
    ours = await generateKeyPair('ES256', { extractable: true });
    stranger = await generateKeyPair('ES256');
    jwk = await exportJWK(ours.publicKey);
    const keys = createKeySet(async () => ({ keys: [{ ...jwk, kid: 'k1', alg: 'ES256' }] }));
    authenticator = createAuthenticator({ issuer: 'accounts', audience: 'shop', keys });
  });

  const token = (claims: Record<string, unknown> = {}, key = ours.privateKey, kid = 'k1') =>
    new SignJWT({ sub: 'u1', roles: ['admin'], iss: 'accounts', aud: 'shop', exp: now() + 60, ...claims })
      .setProtectedHeader({ alg: 'ES256', kid })
      .sign(key);
  const identify = async (value: string | Promise<string>) => authenticator.identify(`Bearer ${await value}`);

  test('has no identity for a request without a token', async () => {
    expect(await authenticator.identify(undefined)).toBeUndefined();
  });

  test('reads id and roles out of a good token', async () => {
    expect(await identify(token())).toEqual({ id: 'u1', roles: ['admin'] });
    expect(await identify(token({ roles: undefined }))).toEqual({ id: 'u1', roles: [] });
    expect(await identify(token({ roles: ['a', 1, null] }))).toEqual({ id: 'u1', roles: ['a'] });
  });

  test('tells an expired token from a bad one', async () => {
    await expect(identify(token({ exp: now() - 60 }))).rejects.toMatchObject({
      code: 'TOKEN_EXPIRED',
      status: 401,
    });
  });

  test('allows for clocks that differ by a few seconds', async () => {
    expect(await identify(token({ exp: now() - 2 }))).toMatchObject({ id: 'u1' });
  });

  test.each<[string, () => Promise<string> | string]>([
    ['signed by a stranger', () => token({}, stranger.privateKey)],
    ['with a key id nobody knows', () => token({}, ours.privateKey, 'k9')],
    ['of another issuer', () => token({ iss: 'evil' })],
    ['for another audience', () => token({ aud: 'elsewhere' })],
    ['not valid yet', () => token({ nbf: now() + 600 })],
    ['without a subject', () => token({ sub: undefined })],
    ['with an empty subject', () => token({ sub: '' })],
    ['without an expiry', () => token({ exp: undefined })],
    ['unsigned (alg none)', () => `${encode({ alg: 'none' })}.${encode({ sub: 'u1', exp: now() + 60 })}.x`],
    [
      'changed after signing',
      async () => (await token()).replace(/\.[^.]+\./, `.${encode({ sub: 'u2', exp: now() + 60 })}.`),
    ],
    ['not a token', () => 'hello'],
  ])('refuses a token %s with 401 and a challenge', async (_, make) => {
    await expect(identify(make())).rejects.toMatchObject({
      code: 'TOKEN_INVALID',
      status: 401,
      headers: {
        'www-authenticate': expect.stringContaining('Bearer realm="graphql", error="invalid_token"'),
      },
    });
  });

  test('refuses HS256 made with the published key as its secret', async () => {
    const secret = new TextEncoder().encode(JSON.stringify(jwk));
    const forged = new SignJWT({ sub: 'admin', iss: 'accounts', aud: 'shop', exp: now() + 60 })
      .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
      .sign(secret);

    await expect(identify(forged)).rejects.toMatchObject({ code: 'TOKEN_INVALID' });
  });

  test('refuses any scheme but Bearer', async () => {
    await expect(authenticator.identify('Basic dTpw')).rejects.toMatchObject({ code: 'TOKEN_INVALID' });
  });
});

describe('a token that was good', () => {
  /** An authenticator over a key set that counts its checks; `keys` may be changed, `clock` moved. */
  async function scenario() {
    const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' };
    const state = { keys: [jwk], clock: 0, checks: 0 };
    const set = createKeySet(
      async () => ({ keys: [...state.keys] }),
      () => state.clock,
    );
    const counted: KeySet = {
      revision: () => set.revision(),
      key: (header, jws) => {
        state.checks += 1;
        return set.key(header, jws);
      },
    };
    const authenticator = createAuthenticator({ issuer: 'accounts', audience: 'shop', keys: counted });
    const token = (seconds = 60, sub = 'u1') =>
      new SignJWT({ sub, roles: ['admin'], iss: 'accounts', aud: 'shop', exp: now() + seconds })
        .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
        .sign(privateKey);
    const identify = (text: string) => authenticator.identify(`Bearer ${text}`);
    // The first check reads the keys, and what is verified while they change is not kept.
    await identify(await token(60, 'first'));
    state.checks = 0;
    return { state, token, identify };
  }

  test('is verified once, and another is verified for itself', async () => {
    const { state, token, identify } = await scenario();
    const [mine, yours] = [await token(), await token(60, 'u2')];
    for (let i = 0; i < 3; i++) expect(await identify(mine)).toEqual({ id: 'u1', roles: ['admin'] });
    expect(state.checks).toBe(1);
    expect(await identify(yours)).toEqual({ id: 'u2', roles: ['admin'] });
    expect(state.checks).toBe(2);
    await expect(identify(`${mine.slice(0, -4)}AAAA`)).rejects.toMatchObject({ code: 'TOKEN_INVALID' });
  });

  test('is no better than its expiry', async () => {
    const { token, identify } = await scenario();
    const text = await token(60);
    await identify(text);
    jest.useFakeTimers({
      now: Date.now() + 66_000,
      doNotFake: ['performance', 'nextTick', 'queueMicrotask'],
    });
    try {
      await expect(identify(text)).rejects.toMatchObject({ code: 'TOKEN_EXPIRED' });
    } finally {
      jest.useRealTimers();
    }
  });

  test('falls with the key that signed it', async () => {
    const { state, token, identify } = await scenario();
    const text = await token();
    await identify(text);
    state.keys = [];
    state.clock = 301_000;
    await identify(text); // still good: it starts the reading in the background
    await new Promise((resolve) => setImmediate(resolve));
    await expect(identify(text)).rejects.toMatchObject({ code: 'TOKEN_INVALID' });
  });

  test('is not verified again because the same keys were read again', async () => {
    const { state, token, identify } = await scenario();
    const text = await token();
    for (let i = 0; i < 5; i++) {
      state.clock += 301_000;
      expect(await identify(text)).toMatchObject({ id: 'u1' });
    }
    expect(state.checks).toBe(1);
  });
});

const encode = (value: unknown): string => base64url.encode(JSON.stringify(value));
