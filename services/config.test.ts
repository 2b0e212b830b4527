import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { ConfigError } from '../environment.ts';
import { loadConfig } from './config.ts';

test('without any variable the shop keeps SQLite files below the working directory', () => {
  expect(loadConfig({})).toEqual({
    database: { kind: 'sqlite', folder: resolve('.data') },
    token: { issuer: 'accounts', audience: 'shop', ttlSeconds: 900 },
    seed: true,
    demoPassword: 'federation',
    mailAttempts: 1_000,
    orderStepTimeout: 15_000,
  });
});

test('an empty variable counts as none', () => {
  expect(loadConfig({ DATABASE_URL: '', TOKEN_TTL: '', DATA_DIR: '' })).toEqual(loadConfig({}));
});

test('on a database somebody set up nobody logs in with a well-known password', () => {
  const url = 'postgres://shop@db.example/shop';
  expect(loadConfig({ DATABASE_URL: url })).toMatchObject({ database: { kind: 'postgres', url } });
  expect(loadConfig({ DATABASE_URL: url })).not.toHaveProperty('demoPassword');
  expect(loadConfig({ DATABASE_URL: url, DEMO_PASSWORD: 'x' })).toHaveProperty('demoPassword', 'x');
});

test.each([
  [{ DATABASE_URL: 'mysql://db' }, 'DATABASE_URL takes postgres://user:password@host:port/database'],
  [{ DATABASE_URL: 'db.example' }, 'DATABASE_URL takes postgres://user:password@host:port/database'],
  [{ TOKEN_TTL: '0' }, 'TOKEN_TTL takes an integer from 1 to 86400 seconds, not "0"'],
  [{ TOKEN_TTL: '15m' }, 'TOKEN_TTL takes an integer from 1 to 86400 seconds, not "15m"'],
  [{ SEED: 'perhaps' }, 'SEED takes true or false, not "perhaps"'],
])('%p is refused in one line that says what it takes', (environment, message) => {
  expect(() => loadConfig(environment)).toThrow(new ConfigError(message));
});

test('the configuration cannot be changed', () => {
  expect(Object.isFrozen(loadConfig({}))).toBe(true);
});
