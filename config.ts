/**
 * What a node of the mesh is told by its environment: the one reader of the variables that are not the gateway's own
 * (gateway/config.ts) nor the shop's own (services/config.ts).
 */
import { readFileSync } from 'node:fs';

/** A variable has a value it does not take. The message is one line that names the variable and what it takes. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export interface NatsConfig {
  /** One address, or several separated by commas; user and password may be in it, percent-encoded. */
  readonly url: string;
  readonly token: string | undefined;
  /** Seed of an nkey, `SU…`. */
  readonly nkey: string | undefined;
  /** Path of a .creds file. */
  readonly credentials: string | undefined;
  /** PEM texts. */
  readonly tls: Tls | undefined;
}

export interface ConsulConfig {
  /** `host:port` or `http(s)://host:port`. */
  readonly address: string;
  readonly token: string | undefined;
  readonly datacenter: string | undefined;
  /** Address that others reach this node's HTTP endpoints at. */
  readonly advertise: string | undefined;
  readonly tls: Tls | undefined;
}

export interface Tls {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

export interface MeshConfig {
  readonly namespace: string;
  readonly nodeID: string | undefined;
  /** Absent: no transporter, the broker is alone in its process. */
  readonly nats: NatsConfig | undefined;
  /** Absent: nodes find each other over the transporter. */
  readonly consul: ConsulConfig | undefined;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
  /** Milliseconds after which an action that was told no other limit is given up. */
  readonly requestTimeout: number;
  /** Milliseconds that a stopping node waits for its running actions. */
  readonly shutdownTimeout: number;
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
const logFormats = ['json', 'text'] as const;
export type LogLevel = (typeof logLevels)[number];
export type LogFormat = (typeof logFormats)[number];

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws ConfigError for the first variable whose value is not what it takes. An empty value counts as none. */
export function readConfig(env: Environment): MeshConfig {
  const natsUrl = read(env, 'NATS_URL', serverList);
  const consulAddress = read(env, 'CONSUL_HTTP_ADDR', httpAddress);
  return Object.freeze({
    namespace: read(env, 'NAMESPACE', name) ?? '',
    nodeID: read(env, 'NODE_ID', name),
    nats:
      natsUrl === undefined
        ? undefined
        : Object.freeze({
            url: natsUrl,
            token: read(env, 'NATS_TOKEN', secret),
            nkey: read(env, 'NATS_NKEY', nkeySeed),
            credentials: read(env, 'NATS_CREDS', path),
            tls: readTls(env, 'NATS_CA', 'NATS_CERT', 'NATS_KEY'),
          }),
    consul:
      consulAddress === undefined
        ? undefined
        : Object.freeze({
            address: consulAddress,
            token: read(env, 'CONSUL_HTTP_TOKEN', secret),
            datacenter: read(env, 'CONSUL_DATACENTER', name),
            advertise: read(env, 'ADVERTISE_ADDRESS', name),
            tls: readTls(env, 'CONSUL_CACERT', 'CONSUL_CLIENT_CERT', 'CONSUL_CLIENT_KEY'),
          }),
    logLevel: read(env, 'LOG_LEVEL', oneOf(logLevels)) ?? 'info',
    logFormat: read(env, 'LOG_FORMAT', oneOf(logFormats)) ?? 'json',
    requestTimeout: read(env, 'ACTION_TIMEOUT', milliseconds) ?? 10_000,
    shutdownTimeout: read(env, 'SHUTDOWN_TIMEOUT', milliseconds) ?? 15_000,
  });
}

/** How a text becomes a value, and what to tell a person whose text did not. */
interface Kind<T> {
  readonly takes: string;
  readonly secret?: boolean;
  /** Undefined when the text is not of this kind. */
  parse(text: string): T | undefined;
}

/** @throws ConfigError naming `variable`, what it takes, and what it has unless that is a secret. */
function read<T>(env: Environment, variable: string, kind: Kind<T>): T | undefined {
  const text = env[variable];
  if (text === undefined || text === '') return undefined;
  const value = kind.parse(text);
  if (value !== undefined) return value;
  const has = kind.secret ? '' : `, not ${JSON.stringify(text)}`;
  throw new ConfigError(`${variable} takes ${kind.takes}${has}`);
}

function readTls(env: Environment, ca: string, cert: string, key: string): Tls | undefined {
  const tls = { ca: read(env, ca, pem), cert: read(env, cert, pem), key: read(env, key, pem) };
  if ((tls.cert === undefined) !== (tls.key === undefined)) {
    throw new ConfigError(`${cert} and ${key} take a certificate and its key: set both or neither`);
  }
  return Object.values(tls).some((part) => part !== undefined) ? Object.freeze(tls) : undefined;
}

const name: Kind<string> = {
  takes: 'letters, digits, dots, dashes and underscores',
  parse: (text) => (/^[\w.-]+$/.test(text) ? text : undefined),
};

const secret: Kind<string> = {
  takes: 'a text without spaces',
  secret: true,
  parse: (text) => (/^\S+$/.test(text) ? text : undefined),
};

const nkeySeed: Kind<string> = {
  takes: 'the seed of a user nkey, which begins with SU',
  secret: true,
  parse: (text) => (/^SU[A-Z2-7]{50,}$/.test(text) ? text : undefined),
};

const path: Kind<string> = {
  takes: 'the path of a readable file',
  parse: (text) => (readable(text) === undefined ? undefined : text),
};

const pem: Kind<string> = {
  takes: 'PEM text, or the path of a readable PEM file',
  secret: true,
  parse(text) {
    const found = text.includes('-----BEGIN') ? text : readable(text);
    return found?.includes('-----BEGIN') ? found : undefined;
  },
};

// Passwords are in these addresses: a refused one is not printed.
const serverList: Kind<string> = {
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

const httpAddress: Kind<string> = {
  takes: 'host:port, http://host:port or https://host:port',
  parse(text) {
    const url = URL.parse(/^https?:\/\//.test(text) ? text : `http://${text}`);
    const plain = url !== null && url.hostname !== '' && url.pathname === '/' && url.search === '';
    return plain && url.username === '' ? text : undefined;
  },
};

const milliseconds: Kind<number> = {
  takes: 'a whole number of milliseconds from 1 to 3600000',
  parse(text) {
    const value = Number(text);
    // 0 would mean "wait for ever" to Moleculer.
    return /^\d+$/.test(text) && value >= 1 && value <= 3_600_000 ? value : undefined;
  },
};

function oneOf<const T extends string>(values: readonly T[]): Kind<T> {
  return { takes: `one of ${values.join(', ')}`, parse: (text) => values.find((value) => value === text) };
}

function readable(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
