/** Puts the parts of the edge together. What one part is, and why, stands in its own file. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JSONWebKeySet } from 'jose';
import type { Logger, ServiceBroker } from 'moleculer';
import type { FederationGateway } from 'moleculer-federation';
import type { GatewayConfig } from '../config.ts';
import { createAuthenticator } from './auth.ts';
import { crossSitePolicy } from './cross-site.ts';
import { createGraphQLRoute } from './graphql-route.ts';
import { createHttpServer } from './http-server.ts';
import { createKeySet } from './key-set.ts';
import { createGatewayMetrics, type GatewayMetrics } from './metrics.ts';
import { type AliasHandler, createAliases } from './routes.ts';

export interface GatewayApp {
  readonly engine: FederationGateway;
  /** Aliases for moleculer-web, by `METHOD /path`. */
  readonly aliases: Readonly<Record<string, AliasHandler>>;
  /**
   * Listens; once, however often it is called. From then on health is told and operations get a coded refusal until
   * the engine is started.
   *
   * @returns the URL. @throws ListenError
   */
  listen(): Promise<string>;
  /** Listens, and starts the engine. @returns the URL. @throws ListenError */
  start(): Promise<string>;
  /** Says "not ready", stops listening, lets requests in flight finish, stops the engine. */
  stop(): Promise<void>;
}

/** A key set is small and its owner near; whoever waits longer than that waits for nobody. */
const KEYS_TIMEOUT_MS = 3_000;

export function createGatewayApp(parts: {
  readonly broker: ServiceBroker;
  readonly config: GatewayConfig;
  readonly createEngine: (
    broker: ServiceBroker,
    config: GatewayConfig,
    metrics: GatewayMetrics,
  ) => FederationGateway;
  readonly logger: Logger;
  /** Takes every request that is not for /graphql. */
  readonly fallback: (req: IncomingMessage, res: ServerResponse) => void;
}): GatewayApp {
  const { broker, config, createEngine, logger, fallback } = parts;
  const metrics = createGatewayMetrics(broker);
  const engine = createEngine(broker, config, metrics);
  const readKeys = keyReader(broker, config.jwt.jwksUrl);
  const authenticator = createAuthenticator({ ...config.jwt, keys: createKeySet(readKeys) });
  let stopping = false;

  const graphql = createGraphQLRoute({
    broker,
    engine,
    config,
    metrics,
    logger,
    crossSite: crossSitePolicy(config.corsOrigins),
    authenticator,
  });
  const server = createHttpServer((req, res) => {
    if (isGraphQL(req.url)) void graphql(req, res);
    else fallback(req, res);
  });

  let listening: Promise<string> | undefined;
  const listen = () => {
    listening ??= server.listen(config.port, config.host).then(({ url }) => url);
    return listening;
  };

  return {
    engine,
    listen,
    aliases: createAliases({
      ...{ broker, engine, authenticator, config, metrics, readKeys },
      stopping: () => stopping,
    }),
    async start() {
      const url = await listen();
      try {
        await engine.start();
      } catch (error) {
        await server.close(0);
        throw error;
      }
      logger.info(`GraphQL at ${url}/graphql`);
      return url;
    },
    async stop() {
      stopping = true;
      await server.close(config.requestTimeout + 1_000);
      await engine.stop();
    },
  };
}

const isGraphQL = (url = ''): boolean =>
  url === '/graphql' || url.startsWith('/graphql?') || url === '/graphql/';

function keyReader(broker: ServiceBroker, url: string | undefined): () => Promise<JSONWebKeySet> {
  if (url === undefined) return () => broker.call('accounts.jwks', {}, { timeout: KEYS_TIMEOUT_MS });
  return async () => {
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(KEYS_TIMEOUT_MS) });
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    return (await response.json()) as JSONWebKeySet;
  };
}
