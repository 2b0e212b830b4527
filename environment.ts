/**
 * Environment variables as typed values: what a variable takes, and one line for a person whose value is something else.
 * Each part of the application reads its own in its `config.ts`.
 */
import { readFileSync } from 'node:fs';

/** A variable has a value it does not take. The message is one line that names the variable and what it takes. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** How a text becomes a value, and what to tell a person whose text did not. */
export interface Kind<T> {
  readonly takes: string;
  readonly secret?: boolean;
  /** Undefined when the text is not of this kind. */
  parse(text: string): T | undefined;
}

/** @throws ConfigError naming `variable`, what it takes, and what it has unless that is a secret. */
export function read<T>(env: Environment, variable: string, kind: Kind<T>): T | undefined {
  const text = env[variable];
  if (text === undefined || text === '') return undefined;
  const value = kind.parse(text);
  if (value !== undefined) return value;
  const has = kind.secret ? '' : `, not ${JSON.stringify(text)}`;
  throw new ConfigError(`${variable} takes ${kind.takes}${has}`);
}

export const name: Kind<string> = {
  takes: 'letters, digits, dots, dashes and underscores',
  parse: (text) => (/^[\w.-]+$/.test(text) ? text : undefined),
};

export const secret: Kind<string> = {
  takes: 'a text without spaces',
  secret: true,
  parse: (text) => (/^\S+$/.test(text) ? text : undefined),
};

export const nkeySeed: Kind<string> = {
  takes: 'the seed of a user nkey, which begins with SU',
  secret: true,
  parse: (text) => (/^SU[A-Z2-7]{50,}$/.test(text) ? text : undefined),
};

export const path: Kind<string> = {
  takes: 'the path of a readable file',
  parse: (text) => (readable(text) === undefined ? undefined : text),
};

export const pem: Kind<string> = {
  takes: 'PEM text, or the path of a readable PEM file',
  secret: true,
  parse(text) {
    const found = text.includes('-----BEGIN') ? text : readable(text);
    return found?.includes('-----BEGIN') ? found : undefined;
  },
};

// Passwords are in these addresses: a refused one is not printed.
export const serverList: Kind<string> = {
  takes: 'nats://host:port or tls://host:port, several separated by commas',
  secret: true,
  parse(text) {
    const parts = text.split(',').map((part) => part.trim());
    const good = parts.every((part) => {
      const url = URL.parse(part);
      return url !== null && /^(nats|tls|nats\+tls):$/.test(url.protocol) && url.hostname !== '';
    });
    return good ? parts.join(',') : undefined;
  },
};

export const httpAddress: Kind<string> = {
  takes: 'host:port, http://host:port or https://host:port',
  parse(text) {
    const url = URL.parse(/^https?:\/\//.test(text) ? text : `http://${text}`);
    const plain = url !== null && url.hostname !== '' && url.pathname === '/' && url.search === '';
    return plain && url.username === '' ? text : undefined;
  },
};

export const webAddress: Kind<string> = {
  takes: 'http://host:port or https://host:port',
  parse: (text) => (/^https?:\/\//.test(text) ? httpAddress.parse(text) : undefined),
};

/** @param unit follows the number in the message: `milliseconds`, `bytes`. */
export function integer(min: number, max: number, unit = ''): Kind<number> {
  return {
    takes: `an integer from ${min} to ${max}${unit && ` ${unit}`}`,
    parse(text) {
      const value = Number(text);
      return /^\d{1,9}$/.test(text) && value >= min && value <= max ? value : undefined;
    },
  };
}

/** 0 is left out: it would mean "wait for ever" to Moleculer. */
export const milliseconds = integer(1, 3_600_000, 'milliseconds');

export const yesNo: Kind<boolean> = {
  takes: 'true or false',
  parse: (text) => (text === 'true' ? true : text === 'false' ? false : undefined),
};

export const anyText: Kind<string> = { takes: 'a text', parse: (text) => text };

export function oneOf<const T extends string>(values: readonly T[]): Kind<T> {
  return { takes: `one of ${values.join(', ')}`, parse: (text) => values.find((value) => value === text) };
}

function readable(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
