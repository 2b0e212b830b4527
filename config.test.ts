import { describe, expect, test } from '@jest/globals';
import { readConfig } from './config.ts';
import { ConfigError } from './environment.ts';

test('with nothing set a node is alone: no transporter, no Consul, and a request timeout that is never 0', () => {
  const config = readConfig({});
  expect(config).toMatchObject({ nats: undefined, consul: undefined, namespace: '', logLevel: 'info' });
  expect(config.requestTimeout).toBeGreaterThan(0);
  expect(Object.isFrozen(config)).toBe(true);
});

test('an empty value counts as none, as compose files write it', () => {
  expect(readConfig({ NATS_URL: '', LOG_LEVEL: '', CONSUL_HTTP_ADDR: '' })).toEqual(readConfig({}));
});

test('addresses are taken as their own tools take them', () => {
  const config = readConfig({
    NATS_URL: 'nats://me:p%40ss@a:4222, tls://b:4222',
    CONSUL_HTTP_ADDR: '127.0.0.1:8500',
  });
  expect(config.nats?.url).toBe('nats://me:p%40ss@a:4222,tls://b:4222');
  expect(config.consul?.address).toBe('127.0.0.1:8500');
});

describe('a wrong value is one line that names the variable and what it takes', () => {
  test.each([
    ['NATS_URL', 'localhost'],
    ['NATS_URL', 'http://localhost:4222'],
    ['NATS_CREDS', '/no/such/file'],
    ['NATS_NKEY', 'hello'],
    ['NATS_CA', '/no/such/file'],
    ['CONSUL_HTTP_ADDR', 'ftp://localhost'],
    ['CONSUL_HTTP_ADDR', 'localhost:99999'],
    ['CONSUL_HTTP_TOKEN', 'two words'],
    ['STREAM_REPLICAS', '0'],
    ['NATS_MONITORING_URL', 'localhost:8222'],
    ['NAMESPACE', 'a b'],
    ['NODE_ID', 'a/b'],
    ['LOG_LEVEL', 'loud'],
    ['LOG_FORMAT', 'xml'],
    ['ACTION_TIMEOUT', '0'],
    ['ACTION_TIMEOUT', '1s'],
    ['SHUTDOWN_TIMEOUT', '-1'],
  ])('%s=%s', (variable, value) => {
    const env = { NATS_URL: 'nats://a:1', CONSUL_HTTP_ADDR: 'a:1', [variable]: value };
    expect(() => readConfig(env)).toThrow(ConfigError);
    expect(() => readConfig(env)).toThrow(new RegExp(`^${variable} takes [^\\n]+$`));
  });

  test('and never prints a secret', () => {
    expect(() => readConfig({ NATS_URL: 'nat://me:hunter2@a' })).toThrow(/^(?!.*hunter2)/);
    expect(() => readConfig({ NATS_URL: 'nats://a', NATS_TOKEN: 'hunter2 x' })).toThrow(/^(?!.*hunter2)/);
  });

  test('a client certificate without its key is refused', () => {
    const env = { NATS_URL: 'tls://a:1', NATS_CERT: '-----BEGIN CERTIFICATE-----' };
    expect(() => readConfig(env)).toThrow('NATS_CERT and NATS_KEY');
  });
});
