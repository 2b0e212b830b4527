/**
 * The broker of every node: `moleculer-runner --config moleculer.config.ts` reads the default export, the scripts call
 * `brokerOptions`. Without NATS_URL a broker is alone in its process, and the same services run on it.
 */
import type { BrokerOptions, LoggerConfig, Middleware } from 'moleculer';
import { ConsulDiscoverer, type ConsulDiscovererOptions } from 'moleculer-consul-discoverer';
import {
  deadline,
  NatsTransporter,
  type NatsTransporterOptions,
  safeRetry,
} from 'moleculer-nats-transporter';
import { eventMiddlewares, openChannel } from './broker/event-channel.ts';
import { rememberedLabelKeys } from './broker/label-keys.ts';
import { randomHex } from './broker/random-hex.ts';
import { type ConsulConfig, type MeshConfig, type NatsConfig, readConfig, type Tls } from './config.ts';

/** Fresh at each call: Moleculer fills its defaults into the object it is given. */
export function brokerOptions(config: MeshConfig): BrokerOptions {
  return {
    namespace: config.namespace,
    nodeID: config.nodeID ?? null,
    logger: config.logFormat === 'json' ? jsonLogger() : textLogger(),
    logLevel: config.logLevel,
    // A request id is a W3C trace id: 16 bytes, so that logs, traces and `traceparent` name a request alike.
    uidGenerator: () => randomHex(16),
    transporter: config.nats ? new NatsTransporter(natsOptions(config.nats)) : null,
    // In place of Moleculer's retryPolicy, which would repeat a mutation that may have run.
    middlewares: [...events(config), rememberedLabelKeys(), deadline(), safeRetry()],
    // Never 0: that would let a call to a node that has just died wait for ever.
    requestTimeout: config.requestTimeout,
    maxCallLevel: 20,
    // A stopping node finishes what it runs, long calls too, before it leaves.
    tracking: { enabled: true, shutdownTimeout: config.shutdownTimeout },
    registry: {
      strategy: 'RoundRobin',
      preferLocal: true,
      stopDelay: 100,
      ...(config.consul ? { discoverer: new ConsulDiscoverer(consulOptions(config.consul)) } : {}),
    },
    circuitBreaker: {
      enabled: true,
      threshold: 0.5,
      windowTime: 30,
      minRequestCount: 20,
      halfOpenTime: 5_000,
    },
    transit: transitOptions(),
    // Bounded: keys come from clients, who could fill any memory with ids that nobody else asks for.
    cacher: { type: 'MemoryLRU', options: { clone: true, ttl: 60, max: 10_000 } },
    metrics: { enabled: true, reporter: [] },
  };
}

function events({ events, nats, namespace, shutdownTimeout }: MeshConfig): Middleware[] {
  if (!events) return [];
  return eventMiddlewares({
    open: (logger) => openChannel(events, nats ? natsOptions(nats) : {}, namespace, logger),
    drainTimeout: shutdownTimeout,
  });
}

/** A change of services is announced at once; the default's wait of 1 s would be seen by every client. */
function transitOptions(): NonNullable<BrokerOptions['transit']> {
  // Moleculer's types leave the second one out.
  const options = { disableReconnect: false, serviceChangedDebounceTime: 0 };
  return options;
}

/** Moleculer logs (`text`, error); pino wants the error first, and would drop it otherwise. */
function jsonLogger(): LoggerConfig {
  return {
    type: 'Pino',
    options: {
      pino: {
        options: {
          formatters: { level: (label: string) => ({ level: label }) },
          timestamp: () => `,"time":"${new Date().toISOString()}"`,
          hooks: {
            logMethod(args: unknown[], method: (...args: unknown[]) => void) {
              const error = args.find((arg) => arg instanceof Error);
              if (error && args[0] !== error) method.call(this, { err: error }, String(args[0]));
              else method.apply(this, args);
            },
          },
        },
      },
    },
  };
}

function textLogger(): LoggerConfig {
  return { type: 'Console', options: { formatter: 'short', colors: true } };
}

function natsOptions({ url, token, nkey, credentials, tls }: NatsConfig): NatsTransporterOptions {
  return {
    url,
    ...(token === undefined ? {} : { token }),
    ...(nkey === undefined ? {} : { nkey }),
    ...(credentials === undefined ? {} : { credsFile: credentials }),
    ...(tls === undefined ? {} : { tls: given(tls) }),
  };
}

function consulOptions({
  address,
  token,
  datacenter,
  advertise,
  tls,
}: ConsulConfig): ConsulDiscovererOptions {
  return {
    address,
    ...(token === undefined ? {} : { token }),
    ...(datacenter === undefined ? {} : { datacenter }),
    ...(advertise === undefined ? {} : { advertiseAddress: advertise }),
    ...(tls === undefined ? {} : { tls: given(tls) }),
  };
}

const given = ({ ca, cert, key }: Tls) => ({
  ...(ca === undefined ? {} : { ca }),
  ...(cert === undefined ? {} : { cert }),
  ...(key === undefined ? {} : { key }),
});

export default brokerOptions(readConfig(process.env));
