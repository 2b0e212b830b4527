import { expect, test } from '@jest/globals';
import { readOptions } from './options.ts';

const PEM = '-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----';

test('the defaults are those of a local agent with a TTL of 15 s and a beat of 5 s', () => {
  expect(readOptions({})).toMatchObject({ ttlMs: 15_000, beatMs: 5_000, token: undefined, tls: {} });
  expect(readOptions({}).agent.href).toBe('http://127.0.0.1:8500/');
});

test('an address without a scheme is HTTPS when TLS is configured', () => {
  expect(readOptions({ address: 'consul:8501', tls: { ca: PEM } }).agent.protocol).toBe('https:');
  expect(readOptions({ address: 'http://consul:8500' }).agent.host).toBe('consul:8500');
});

test.each([
  [{ address: 'ftp://x' }, '"address" takes host:port or http(s)://host:port, not "ftp://x"'],
  [{ ttl: 0 }, '"ttl" takes a number of seconds above 0'],
  [{ ttl: 4, beat: 3 }, '"beat" takes at most half the ttl (4 s)'],
  [{ tls: { ca: '/no/such.pem' } }, '"tls.ca" takes PEM text or a readable file, not "/no/such.pem"'],
])('%j is refused by name', (options, message) => {
  expect(() => readOptions(options)).toThrow(message);
});
