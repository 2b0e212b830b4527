/**
 * What a node of the mesh is told by its environment: the one reader of the variables that are not the gateway's own
 * (gateway/config.ts) nor the shop's own (services/config.ts).
 */
import { join, resolve } from 'node:path';
import {
  anyText,
  ConfigError,
  type Environment,
  httpAddress,
  integer,
  milliseconds,
  name,
  nkeySeed,
  oneOf,
  path,
  pem,
  read,
  secret,
  serverList,
  webAddress,
} from './environment.ts';

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

/** What carries durable events; see broker/event-channel.ts. */
export type EventsConfig =
  | {
      readonly kind: 'sqlite';
      /** Of the file, which one process has to itself. */
      readonly path: string;
    }
  | {
      readonly kind: 'jetstream';
      /** Copies of each new stream. */
      readonly replicas: number;
      /** `http://host:8222` of a NATS server: where the start can see whether it syncs. */
      readonly monitoringUrl: string | undefined;
    };

export interface MeshConfig {
  readonly namespace: string;
  readonly nodeID: string | undefined;
  /** Absent: no transporter, the broker is alone in its process. */
  readonly nats: NatsConfig | undefined;
  /** Absent: nodes find each other over the transporter. */
  readonly consul: ConsulConfig | undefined;
  /** Absent: a node whose services neither publish nor handle durable events, as the gateway's. */
  readonly events: EventsConfig | undefined;
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
    events: Object.freeze<EventsConfig>(
      natsUrl === undefined
        ? { kind: 'sqlite', path: join(resolve(read(env, 'DATA_DIR', anyText) ?? '.data'), 'events.db') }
        : {
            kind: 'jetstream',
            replicas: read(env, 'STREAM_REPLICAS', integer(1, 5)) ?? 1,
            monitoringUrl: read(env, 'NATS_MONITORING_URL', webAddress),
          },
    ),
    logLevel: read(env, 'LOG_LEVEL', oneOf(logLevels)) ?? 'info',
    logFormat: read(env, 'LOG_FORMAT', oneOf(logFormats)) ?? 'json',
    requestTimeout: read(env, 'ACTION_TIMEOUT', milliseconds) ?? 10_000,
    shutdownTimeout: read(env, 'SHUTDOWN_TIMEOUT', milliseconds) ?? 15_000,
  });
}

function readTls(env: Environment, ca: string, cert: string, key: string): Tls | undefined {
  const tls = { ca: read(env, ca, pem), cert: read(env, cert, pem), key: read(env, key, pem) };
  if ((tls.cert === undefined) !== (tls.key === undefined)) {
    throw new ConfigError(`${cert} and ${key} take a certificate and its key: set both or neither`);
  }
  return Object.values(tls).some((part) => part !== undefined) ? Object.freeze(tls) : undefined;
}
