/** `GET /mailbox` at the edge, with a stand-in for the action that makes its pages. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { type Context, Errors, type ServiceSchema } from 'moleculer';
import { startGateway, type TestGateway } from './testing/start-gateway.ts';

type PageContext = Context<{ readonly id?: string }, { readonly user?: object }>;

const notifications: ServiceSchema = {
  name: 'notifications',
  actions: {
    page: {
      params: { id: 'string|optional|max:20', after: 'string|optional', $$strict: true },
      handler({ params, meta }: PageContext) {
        if (params.id === 'none')
          throw new Errors.MoleculerClientError('no such mail', 404, 'MAIL_NOT_FOUND');
        if (params.id === 'bug') throw new Error('password=hunter2');
        if (!meta.user && !params.id) throw new Errors.MoleculerClientError('log in', 401, 'UNAUTHENTICATED');
        return `<p>${JSON.stringify({ params, user: meta.user })}</p>`;
      },
    },
  },
};

describe('/mailbox', () => {
  let keys: { publicKey: CryptoKey; privateKey: CryptoKey };
  let gateway: TestGateway;

  beforeAll(async () => {
    keys = await generateKeyPair('EdDSA', { extractable: true });
    const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'EdDSA', use: 'sig' };
    const accounts: ServiceSchema = { name: 'accounts', actions: { jwks: () => ({ keys: [jwk] }) } };
    gateway = await startGateway({ services: [accounts, notifications] });
  });
  afterAll(() => gateway.stop());

  const get = (query = '', init: RequestInit = {}) => fetch(`${gateway.url}/mailbox${query}`, init);

  test('is a page on which nothing runs and nothing loads', async () => {
    const response = await get('?id=WELCOME%3Au1&after=x');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/script-src|connect-src|unsafe-eval|https?:/);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.text()).toBe('<p>{"params":{"id":"WELCOME:u1","after":"x"}}</p>');
  });

  test('knows the bearer of a token, and refuses a bad one', async () => {
    const token = await new SignJWT({ roles: ['admin'] })
      .setProtectedHeader({ alg: 'EdDSA', kid: 'k1' })
      .setSubject('u1')
      .setIssuer('accounts')
      .setAudience('shop')
      .setExpirationTime('1m')
      .sign(keys.privateKey);
    const response = await get('', { headers: { authorization: `Bearer ${token}` } });
    expect(await response.text()).toContain('"user":{"id":"u1","roles":["admin"]}');
    expect((await get('', { headers: { authorization: 'Bearer nonsense' } })).status).toBe(401);
  });

  test.each([
    ['', 401, 'UNAUTHENTICATED'],
    ['?id=none', 404, 'MAIL_NOT_FOUND'],
    ['?id=longer-than-any-id-is', 400, 'BAD_REQUEST'],
    ['?id=bug', 500, 'INTERNAL_SERVER_ERROR'],
  ])('%s: what is refused is told by status and code, and no more', async (query, status, code) => {
    const response = await get(query);
    const text = await response.text();
    expect([response.status, JSON.parse(text).errors[0].extensions.code]).toEqual([status, code]);
    expect(text).not.toContain('hunter2');
    expect(response.headers.has('www-authenticate')).toBe(status === 401);
  });

  test('takes no other method', async () => {
    const response = await get('', { method: 'POST' });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  test('is not there without the service that has the mails', async () => {
    await using bare = await startGateway();
    expect((await fetch(`${bare.url}/mailbox`)).status).toBe(404);
  });
});
