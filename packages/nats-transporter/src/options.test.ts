import { describe, expect, test } from '@jest/globals';
import { NatsConfigurationError } from './errors.ts';
import { connectionOptions, parseUrl } from './options.ts';

describe('a URL', () => {
  test('may name several servers, with one login for all', () => {
    expect(parseUrl('nats://u:p@a:4222, nats://b:4223')).toEqual({
      servers: ['a:4222', 'b:4223'],
      tls: false,
      credentials: { user: 'u', pass: 'p' },
    });
  });

  test('has its user and password percent-decoded, and a stray % left as it is', () => {
    expect(parseUrl('nats://a%40b:c%2Fd@h').credentials).toEqual({ user: 'a@b', pass: 'c/d' });
    expect(parseUrl('nats://u:50%@h').credentials).toEqual({ user: 'u', pass: '50%' });
  });

  test('with a name alone carries a token', () => {
    expect(parseUrl('nats://s3cret@h').credentials).toEqual({ token: 's3cret' });
  });

  test('of an IPv6 address keeps its brackets', () => {
    expect(parseUrl('nats://[::1]:4222').servers).toEqual(['[::1]:4222']);
  });

  test.each([['tls://h'], ['nats+tls://h'], ['nats://a,tls://b']])('%s asks for TLS', (url) => {
    expect(parseUrl(url).tls).toBe(true);
  });

  test.each([['nats:4222'], ['http://h'], ['localhost:4222'], [''], ['nats://']])('%p is refused', (url) => {
    expect(() => parseUrl(url)).toThrow(NatsConfigurationError);
  });

  test('that is refused does not show its password', () => {
    expect(() => parseUrl('mqtt://user:hunter2@h')).toThrow(/^(?!.*hunter2).*…@h/);
  });

  test('with two logins is refused', () => {
    expect(() => parseUrl('nats://a:b@h,nats://c:d@h')).toThrow('different credentials');
  });
});

test('a node reconnects for ever, under its own name', () => {
  expect(connectionOptions({ url: 'nats://h' }, 'node-1')).toMatchObject({
    servers: ['h'],
    name: 'node-1',
    maxReconnectAttempts: -1,
    ignoreAuthErrorAbort: true,
  });
});

test("an option of the client's own wins over the URL and the defaults", () => {
  const options = connectionOptions({ url: 'nats://u:p@h', user: 'v', pingInterval: 1 }, 'n');
  expect(options).toMatchObject({ user: 'v', pass: 'p', pingInterval: 1 });
});

test('an NKey seed or a credentials file that cannot be used is refused at once', () => {
  expect(() => connectionOptions({ nkey: 'SUnope' }, 'n')).toThrow('NKey seed');
  expect(() => connectionOptions({ credsFile: '/nowhere/x.creds' }, 'n')).toThrow('/nowhere/x.creds');
});
