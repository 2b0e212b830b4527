/** Everything but /graphql, as moleculer-web aliases: health, the supergraph, metrics, keys and the query pages. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServiceBroker } from 'moleculer';
import type { FederationGateway } from 'moleculer-federation';
import type { GatewayConfig } from '../config.ts';
import { EdgeError } from '../errors.ts';
import { createAssetServer } from './assets.ts';
import type { Authenticator } from './auth.ts';
import { readinessOf } from './health.ts';
import { createMailbox } from './mailbox.ts';
import type { GatewayMetrics } from './metrics.ts';
import { PROMETHEUS_TYPE, prometheusText } from './prometheus.ts';
import { graphiql, HTML_TYPE, PAGE_CSP, playground } from './query-pages.ts';
import { send, sendJson, TEXT_TYPE } from './respond.ts';
import { supergraphView, unavailableSubgraphs } from './supergraph-view.ts';

type Handler = (req: IncomingMessage, res: ServerResponse) => void | Promise<void>;
/** What moleculer-web takes for an alias. */
export type AliasHandler = (
  req: IncomingMessage,
  res: ServerResponse,
  next: (error: unknown) => void,
) => void;

export interface RouteParts {
  readonly broker: ServiceBroker;
  readonly engine: FederationGateway;
  readonly authenticator: Authenticator;
  readonly config: GatewayConfig;
  readonly metrics: GatewayMetrics;
  readonly stopping: () => boolean;
  /** The key set of accounts, for others who verify its tokens. */
  readonly readKeys: () => Promise<unknown>;
}

/** By `GET /path`. HEAD answers the same without the body. */
export function createAliases(parts: RouteParts): Record<string, AliasHandler> {
  const { broker, engine, authenticator, config, metrics, stopping, readKeys } = parts;
  const handlers: Record<string, Handler> = {
    '/': (_req, res) => send(res, 302, TEXT_TYPE, 'See /graphql', { location: '/graphql' }),

    '/health/live': (_req, res) => sendJson(res, 200, { status: 'live' }),

    '/health/ready': (_req, res) => {
      const readiness = readinessOf(broker, supergraphView(engine), stopping());
      sendJson(res, readiness.ready ? 200 : 503, readiness);
    },

    '/supergraph': (req, res) => {
      const { sdl, ...view } = supergraphView(engine);
      // Whoever hides the schema from introspection does not mean to show it here.
      const shown = config.introspection ? sdl : undefined;
      const asText = /\btext\/plain\b/.test(req.headers.accept ?? '');
      if (!asText) sendJson(res, 200, { ...view, sdl: shown });
      else if (shown !== undefined) send(res, 200, TEXT_TYPE, shown);
      else throw new EdgeError('NOT_FOUND', 'There is no supergraph to show.');
    },

    '/metrics': (_req, res) => {
      const view = supergraphView(engine);
      metrics.supergraph(view.generation, view.subgraphs.length, unavailableSubgraphs(view).length);
      send(res, 200, PROMETHEUS_TYPE, prometheusText(broker));
    },

    '/mailbox': createMailbox(broker, authenticator),

    '/.well-known/jwks.json': async (_req, res) => {
      let keys: unknown;
      try {
        keys = await readKeys();
      } catch {
        throw new EdgeError('AUTHENTICATION_UNAVAILABLE', 'The key set cannot be read now.', {
          'retry-after': '3',
        });
      }
      sendJson(res, 200, keys);
    },
  };
  if (config.playground) {
    const serveAsset = createAssetServer();
    for (const [path, asset] of Object.entries({ ...graphiql.assets, ...playground.assets }))
      handlers[path] = (req, res) => serveAsset(req, res, asset);
    handlers['/playground'] = (_req, res) =>
      send(res, 200, HTML_TYPE, playground.html, { 'content-security-policy': PAGE_CSP });
  }
  return Object.fromEntries(
    Object.entries(handlers).flatMap(([path, handler]) =>
      ['GET', 'HEAD'].map((method) => [`${method} ${path}`, aliasOf(handler)]),
    ),
  );
}

/** moleculer-web ignores what a handler's promise says; `next` is the only way to tell it of a failure. */
function aliasOf(handler: Handler): AliasHandler {
  return (req, res, next) => {
    (async () => handler(req, res))().catch(next);
  };
}
