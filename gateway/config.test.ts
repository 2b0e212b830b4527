import { describe, expect, test } from '@jest/globals';
import { ConfigError } from '../environment.ts';
import { loadConfig } from './config.ts';

describe('loadConfig', () => {
  test('has a default for everything and cannot be changed', () => {
    const config = loadConfig({});

    expect(config).toMatchObject({ port: 4000, host: '127.0.0.1', introspection: true, corsOrigins: [] });
    expect(Object.isFrozen(config) && Object.isFrozen(config.limits) && Object.isFrozen(config.jwt)).toBe(
      true,
    );
  });

  test('takes an empty variable for an unset one', () => {
    expect(loadConfig({ PORT: '', CORS_ORIGINS: '' })).toEqual(loadConfig({}));
  });

  test('reads every kind of value', () => {
    expect(
      loadConfig({
        PORT: '0',
        HOST: '::1',
        INTROSPECTION: 'false',
        CORS_ORIGINS: 'https://a.example, http://localhost:3000',
        JWKS_URL: 'https://id.example/keys',
      }),
    ).toMatchObject({
      port: 0,
      host: '::1',
      introspection: false,
      corsOrigins: ['https://a.example', 'http://localhost:3000'],
      jwt: { jwksUrl: 'https://id.example/keys' },
    });
  });

  test.each([
    ['PORT', '70000', 'an integer from 0 to 65535'],
    ['PORT', '80x', 'an integer from 0 to 65535'],
    ['HOST', 'not a host', 'an address or host name'],
    ['REQUEST_TIMEOUT', '10s', 'an integer from 100 to 600000 milliseconds'],
    ['BODY_LIMIT', '-1', 'bytes'],
    ['MAX_DEPTH', '0', 'levels'],
    ['INTROSPECTION', 'maybe', 'true or false'],
    ['JWKS_URL', 'ftp://x', 'http:// or https:// URL'],
    ['CORS_ORIGINS', 'https://a.example/path', 'origins'],
  ])('refuses %s=%s in one line that names it and what it takes', (name, value, takes) => {
    const attempt = () => loadConfig({ [name]: value });

    expect(attempt).toThrow(ConfigError);
    expect(attempt).toThrow(new RegExp(`^${name} takes [^\\n]*$`));
    expect(attempt).toThrow(takes);
  });
});
