import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { createHandler, type Handler, type Response } from 'graphql-http';
import { Errors, type Service } from 'moleculer';
import { federationErrors } from '../errors.ts';
import type { SubgraphResponse } from '../protocol.ts';
import { translateError } from './resolver-errors.ts';

export interface HttpOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** Address to listen on. Default: 127.0.0.1. Set it only inside a trusted network: whoever reaches it is anonymous but unlimited. */
  readonly host?: string;
  /** Default: /graphql. */
  readonly path?: string;
}

export interface HttpEndpoint {
  readonly port: number;
  readonly path: string;
  /** Takes no more requests, lets those in flight finish for up to 5 s, then cuts every connection. */
  close(): Promise<void>;
}

/** Bytes of a request body: representations of some ten thousand entities. */
const MAX_BODY = 4 * 1024 * 1024;
const CLOSE_GRACE_MS = 5_000;

/**
 * Serves a service's subgraph over HTTP by the GraphQL-over-HTTP specification, POST only. Requests run through the
 * same action as the mesh's own (`execute` is its name), so hooks, metrics, tracing and limits apply alike.
 *
 * `traceparent` is carried on. Identity is not: headers prove nothing here, so every request is anonymous.
 *
 * @throws MoleculerError naming the service and the address when that cannot be listened on.
 */
export async function serveHttp(
  service: Service,
  execute: string,
  options: HttpOptions,
): Promise<HttpEndpoint> {
  const path = options.path ?? '/graphql';
  const host = options.host ?? '127.0.0.1';
  const handle: Handler<IncomingMessage> = createHandler<IncomingMessage>({
    onSubscribe: async (request, params) => {
      const { query, operationName, variables } = params;
      const response: SubgraphResponse = await service.actions[execute]!(
        { query, operationName, variables },
        callOptions(request.raw.headers.traceparent),
      );
      const errors = response.errors?.map((error) => new SentError(error));
      // Without data nothing ran: graphql-http gives a bare list of errors a status of its own.
      if (response.data === undefined) return errors ?? [];
      return { data: response.data, ...(errors && { errors }) };
    },
  });

  const inFlight = new Set<ServerResponse>();
  const server = createServer(async (request, response) => {
    inFlight.add(response);
    response.once('close', () => inFlight.delete(response));
    try {
      const [body, { status, statusText, headers }] = await answer(request, path, handle).catch((error) => {
        if (request.errored) throw error;
        return failed(error, service);
      });
      // Else a kept-alive connection outlives the server that waits for it.
      if (!server.listening) response.setHeader('connection', 'close');
      response.writeHead(status, statusText, headers).end(body);
    } catch (error) {
      service.logger.debug('An HTTP client went away in the middle of its request:', error);
      response.destroy();
    }
  });
  await listen(server, service, options.port ?? 0, host);
  const { port } = server.address() as AddressInfo;
  service.logger.info(`Subgraph also at http://${host}:${port}${path}`);
  return { port, path, close: () => close(server, inFlight) };
}

async function answer(
  request: IncomingMessage,
  path: string,
  handle: Handler<IncomingMessage>,
): Promise<Response> {
  const url = request.url ?? '/';
  if (url.split('?', 1)[0] !== path) return refuse(404, 'Not Found', `There is only ${path} here.`);
  // GET would let a link on any page run queries; federation gateways POST.
  if (request.method !== 'POST') return refuse(405, 'Method Not Allowed', 'POST it.', { allow: 'POST' });
  const body = await readBody(request);
  if (body === undefined) {
    return refuse(413, 'Payload Too Large', `A body may have ${MAX_BODY} bytes.`, { connection: 'close' });
  }
  return handle({ method: 'POST', url, headers: request.headers, body, raw: request, context: undefined });
}

/** @returns undefined when the body is over the limit; the rest of it is not read. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  if (Number(request.headers['content-length']) > MAX_BODY) return undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function refuse(
  status: number,
  statusText: string,
  message: string,
  headers?: Record<string, string>,
): Response {
  const body = JSON.stringify({ errors: [{ message }] });
  return [
    body,
    { status, statusText, headers: { 'content-type': 'application/json; charset=utf-8', ...headers } },
  ];
}

/** The action was not run or did not answer: overload, timeout, a hook's refusal, a fault. */
function failed(error: unknown, service: Service): Response {
  const { message, extensions, log } = translateError(error);
  if (log) service.logger[log]('HTTP request failed:', error);
  const entry = (federationErrors as Record<string, { status: number } | undefined>)[String(extensions.code)];
  const body = JSON.stringify({ errors: [{ message, extensions }] });
  const headers = { 'content-type': 'application/json; charset=utf-8' };
  return [body, { status: entry?.status ?? (error as Errors.MoleculerError).code, statusText: '', headers }];
}

/** `00-<trace id>-<parent id>-<flags>`; Moleculer's request id is the trace id. Anything else is not carried on. */
function callOptions(traceparent: string | string[] | undefined) {
  const traceId =
    typeof traceparent === 'string' && /^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/.exec(traceparent)?.[1];
  return traceId ? { requestID: traceId, meta: { traceparent } } : {};
}

/** An error as the subgraph answered it. graphql-http tells a request error from a result by this class. */
class SentError extends GraphQLError {
  readonly sent: GraphQLFormattedError;

  constructor(sent: GraphQLFormattedError) {
    super(sent.message);
    this.sent = sent;
  }

  override toJSON(): GraphQLFormattedError {
    return this.sent;
  }
}

async function listen(server: Server, service: Service, port: number, host: string): Promise<void> {
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    const message = `Service '${service.fullName}' cannot serve its subgraph on ${host}:${port}: ${(error as Error).message}`;
    throw new Errors.MoleculerError(message, 500, 'SUBGRAPH_HTTP_FAILED');
  }
}

async function close(server: Server, inFlight: ReadonlySet<ServerResponse>): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  const grace = new AbortController();
  await Promise.race([
    Promise.allSettled([...inFlight].map((response) => once(response, 'close'))),
    delay(CLOSE_GRACE_MS, undefined, { signal: grace.signal }).catch(() => {}),
  ]);
  grace.abort();
  // Node counts a connection that has not sent anything yet as busy, and would wait for it.
  server.closeAllConnections();
  await closed;
}
