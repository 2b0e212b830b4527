/** Bearer tokens over HTTP, with a stand-in for accounts. */
import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { ServiceSchema } from 'moleculer';
import { startGateway, type TestGateway } from './testing/start-gateway.ts';

const whoami = {
  whoami: (_: unknown, { ctx }: { ctx?: { meta: object } }) =>
    JSON.stringify((ctx?.meta as { user?: unknown } | undefined)?.user ?? null),
};

describe('identity', () => {
  let keys: { publicKey: CryptoKey; privateKey: CryptoKey };
  let jwks: { keys: object[] };
  let gateway: TestGateway;

  const token = (expiresIn = '1m') =>
    new SignJWT({ roles: ['admin'] })
      .setProtectedHeader({ alg: 'EdDSA', kid: 'k1' })
      .setSubject('u1')
      .setIssuer('accounts')
      .setAudience('shop')
      .setExpirationTime(expiresIn)
      .sign(keys.privateKey);

  beforeAll(async () => {
    keys = await generateKeyPair('EdDSA', { extractable: true });
    jwks = { keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'EdDSA', use: 'sig' }] };
    const accounts: ServiceSchema = { name: 'accounts', actions: { jwks: () => jwks } };
    gateway = await startGateway({ services: [accounts], resolvers: whoami });
  });
  afterAll(() => gateway.stop());

  test('of a good token reaches ctx.meta.user', async () => {
    const { status, body } = await gateway.query(
      { query: '{ whoami }' },
      { authorization: `Bearer ${await token()}` },
    );

    expect([status, body.data?.whoami]).toEqual([200, '{"id":"u1","roles":["admin"]}']);
  });

  test('is absent without a token: an anonymous reader', async () => {
    expect((await gateway.query({ query: '{ whoami }' })).body.data?.whoami).toBe('null');
  });

  test.each([
    ['bad', async () => 'Bearer nonsense', 'TOKEN_INVALID'],
    ['expired', async () => `Bearer ${await token('-1m')}`, 'TOKEN_EXPIRED'],
  ])(
    'of a %s token is refused with 401, a code and a challenge, and nothing runs',
    async (_, header, code) => {
      const { status, body, headers } = await gateway.query(
        { query: '{ whoami }' },
        { authorization: await header() },
      );

      expect([status, body.errors?.[0]?.extensions.code, 'data' in body]).toEqual([401, code, false]);
      expect(headers.get('www-authenticate')).toMatch(/^Bearer realm="graphql", error="invalid_token"/);
    },
  );

  test('cannot be had by sending it as a header or in the body', async () => {
    const { body } = await gateway.query(
      { query: '{ whoami }', meta: { user: { id: 'root' } }, extensions: { user: 'root' } },
      { 'x-user': 'root', user: '{"id":"root"}' },
    );

    expect(body.data?.whoami).toBe('null');
  });

  test('never shows in the log as a token', async () => {
    const secret = await token();
    await gateway.query({ query: '{ whoami }' }, { authorization: `Bearer ${secret}` });

    expect(JSON.stringify(gateway.log)).not.toContain(secret.split('.')[1]);
    expect(JSON.stringify(gateway.log)).toContain('"user":"u1"');
  });

  test('is checked with keys the gateway publishes', async () => {
    const response = await fetch(`${gateway.url}/.well-known/jwks.json`);

    expect([response.status, await response.json()]).toEqual([200, jwks]);
  });

  test('is checked with the keys of JWKS_URL when there is one', async () => {
    const server = createServer((_req, res) => void res.end(JSON.stringify(jwks))).listen(0, '127.0.0.1');
    await new Promise((listening) => server.once('listening', listening));
    const { port } = server.address() as { port: number };
    {
      await using other = await startGateway({
        env: { JWKS_URL: `http://127.0.0.1:${port}/keys` },
        resolvers: whoami,
      });
      const { body } = await other.query(
        { query: '{ whoami }' },
        { authorization: `Bearer ${await token()}` },
      );

      expect(body.data?.whoami).toBe('{"id":"u1","roles":["admin"]}');
    }
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });

  test('cannot be checked while accounts is away: 503 for a token, 200 for an anonymous reader', async () => {
    await using alone = await startGateway({ resolvers: whoami });
    const refused = await alone.query({ query: '{ whoami }' }, { authorization: `Bearer ${await token()}` });

    expect([refused.status, refused.body.errors?.[0]?.extensions.code]).toEqual([
      503,
      'AUTHENTICATION_UNAVAILABLE',
    ]);
    expect((await alone.query({ query: '{ whoami }' })).status).toBe(200);
    expect((await fetch(`${alone.url}/.well-known/jwks.json`)).status).toBe(503);
  });
});
