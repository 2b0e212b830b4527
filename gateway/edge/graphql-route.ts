/**
 * `/graphql` by the GraphQL-over-HTTP specification. The way of a request:
 *
 *     trace → CORS → method → media type → [browser: GraphiQL] → CSRF → params → identity → engine → mask → answer
 *
 * It does not pass through moleculer-web, whose routing costs a third of what a request may; everything else does.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context, Logger, ServiceBroker } from 'moleculer';
import type { FederationGateway } from 'moleculer-federation';
import type { GatewayConfig } from '../config.ts';
import { EdgeError } from '../errors.ts';
import { negotiate } from './accept.ts';
import { logAccess } from './access-log.ts';
import type { Authenticator, Identity } from './auth.ts';
import type { CrossSitePolicy } from './cross-site.ts';
import { paramsFromBody, paramsFromUrl } from './graphql-params.ts';
import { answerOf } from './graphql-response.ts';
import type { GatewayMetrics } from './metrics.ts';
import { operationName } from './operation-name.ts';
import { graphiql, HTML_TYPE, PAGE_CSP } from './query-pages.ts';
import { errorBody, JSON_TYPE, type ResponseHeaders, send } from './respond.ts';
import { runOperation } from './run-operation.ts';
import { type TraceContext, traceContext } from './trace-context.ts';

export interface GraphQLRouteParts {
  readonly broker: ServiceBroker;
  readonly engine: FederationGateway;
  readonly config: GatewayConfig;
  readonly authenticator: Authenticator;
  readonly crossSite: CrossSitePolicy;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
}

/** Answers every request; the promise never rejects. */
export function createGraphQLRoute(
  parts: GraphQLRouteParts,
): (req: IncomingMessage, res: ServerResponse) => Promise<void> {
  const { broker, engine, config, authenticator, crossSite, metrics, logger } = parts;

  return async (req, res) => {
    const startedAt = performance.now();
    const trace = traceContext(header(req, 'traceparent'));
    const common: ResponseHeaders = { 'x-request-id': trace.traceId, ...crossSite.grant(req) };
    let contentType = JSON_TYPE;
    let operation: string | undefined;
    let user: Identity | undefined;
    let answer: { status: number; body: string; codes: readonly string[]; outcome?: string };
    try {
      if (req.method === 'OPTIONS') {
        send(res, 204, JSON_TYPE, '', { ...common, allow: 'GET, POST, OPTIONS' });
        return;
      }
      if (req.method !== 'GET' && req.method !== 'POST')
        throw new EdgeError('METHOD_NOT_ALLOWED', 'Use POST, or GET for queries.', {
          allow: 'GET, POST, OPTIONS',
        });
      const wanted = negotiate(
        req.headers.accept,
        req.method === 'GET' && config.playground ? forBrowsers : forClients,
      );
      if (!wanted)
        throw new EdgeError('NOT_ACCEPTABLE', `Accept one of: ${forClients.join(', ')}.`, {
          accept: forClients.join(', '),
        });
      if (wanted.type === 'text/html') {
        send(res, 200, HTML_TYPE, graphiql.html, {
          ...common,
          'content-security-policy': PAGE_CSP,
          vary: 'Accept',
        });
        return;
      }
      contentType = `${wanted.type}; charset=utf-8`;

      if (req.method === 'GET') crossSite.refuseForged(req);
      const request =
        req.method === 'GET'
          ? paramsFromUrl(req.url ?? '', config.limits.tokens)
          : await paramsFromBody(req, config.bodyLimit);
      operation = operationName(request);
      if (req.headers.authorization !== undefined)
        user = await authenticator.identify(req.headers.authorization);

      const result = await runOperation((context) => engine.executeToText(request, context), {
        ctx: contextFor(broker, trace, user),
        headers: forwarded(req, trace),
        timeoutMs: config.requestTimeout,
        onStart: (abandon) =>
          res.once('close', () => {
            if (!res.writableFinished) abandon();
          }),
      });
      const made = answerOf(result, wanted, (error) =>
        logger.error(
          { requestId: trace.traceId, path: error.path, err: error.originalError ?? error },
          'operation failed',
        ),
      );
      answer = made;
      metrics.operation(operation, made.outcome, performance.now() - startedAt);
      send(res, made.status, contentType, made.body, made.headers ? { ...common, ...made.headers } : common);
    } catch (error) {
      const refusal = error instanceof EdgeError ? error : undefined;
      if (!refusal) logger.error({ requestId: trace.traceId, err: error }, 'request failed');
      const code = refusal?.code ?? 'INTERNAL_SERVER_ERROR';
      const status = refusal?.status ?? 500;
      answer = { status, body: errorBody(code, refusal?.message ?? 'Internal server error'), codes: [code] };
      send(res, status, contentType, answer.body, { ...common, ...refusal?.headers });
    }
    for (const code of answer.codes) metrics.error(code);
    logAccess(logger, {
      requestId: trace.traceId,
      traceId: trace.traceId,
      spanId: trace.spanId,
      method: req.method ?? '',
      path: '/graphql',
      status: answer.status,
      ms: performance.now() - startedAt,
      operation,
      outcome: answer.outcome,
      codes: answer.codes.length > 0 ? answer.codes : undefined,
      user: user?.id,
    });
  };
}

const forClients = ['application/graphql-response+json', 'application/json'] as const;
const forBrowsers = [...forClients, 'text/html'] as const;

/** The context every subgraph call of the operation hangs from: one request id, the caller, the trace. */
function contextFor(broker: ServiceBroker, trace: TraceContext, user: Identity | undefined): Context {
  const { traceparent } = trace;
  // A copy: what a service does to its caller's meta must not reach the next request of the same token.
  const meta = user ? { traceparent, user: { id: user.id, roles: [...user.roles] } } : { traceparent };
  return broker.ContextFactory.create(
    broker,
    undefined as never,
    {},
    {
      requestID: trace.traceId,
      meta,
      caller: 'gateway',
    },
  );
}

/** What an HTTP subgraph is told of the client. It verifies the token itself: it cannot be handed an identity. */
function forwarded(req: IncomingMessage, trace: TraceContext): Record<string, string> {
  const headers: Record<string, string> = { traceparent: trace.traceparent, 'x-request-id': trace.traceId };
  if (req.headers.authorization) headers.authorization = req.headers.authorization;
  return headers;
}

function header(req: IncomingMessage, name: string): string | undefined {
  const value = req.headers[name];
  return typeof value === 'string' ? value : undefined;
}
