import type { FetchNode } from '../planning/planner.ts';
import type { SubgraphRequest, SubgraphResponse } from '../protocol.ts';
import type { Generation } from '../supergraph/generation.ts';
import type { SubgraphDefinition } from '../supergraph/subgraph.ts';
import { callerKey, type SharedFetches } from '../transport/shared-fetches.ts';
import { SubgraphFetchError } from '../transport/subgraph-fetch-error.ts';
import { parseSubgraphResponse } from '../transport/subgraph-response.ts';
import type { FetchContext, SubgraphTransport } from '../transport/transport.ts';
import { type DataMap, isMap } from './values.ts';

/** Sends the fetches of one operation. Both ways reject with SubgraphFetchError. */
export interface Fetcher {
  send(
    service: string,
    request: SubgraphRequest,
    operation: FetchNode['operationKind'],
  ): Promise<SubgraphResponse>;
  /** Sends a query's body as it stands, or joins the same on its way. The answer is the caller's own. */
  sendBody(service: string, body: string): Promise<SubgraphResponse>;
  /** Can a subgraph be asked by `sendText`? */
  carriesText(service: string): boolean;
  /** As `sendBody`, but unread. A `sendBody` of the same afterwards gets the same answer, without another fetch. */
  sendText(service: string, body: string): Promise<string>;
  /** Joins the work of this name that is under way for the same caller, or starts it. Rejects as a fetch does. */
  join<T>(work: string, start: () => Promise<T>): Promise<T>;
}

export function createFetcher(options: {
  readonly generation: Generation;
  readonly transports: ReadonlyMap<string, SubgraphTransport>;
  readonly context: FetchContext;
  /** Absent: nothing is shared. */
  readonly shared: SharedFetches | undefined;
}): Fetcher {
  const { generation, transports, context, shared } = options;
  let caller: string | undefined;
  const sent: Array<{ readonly service: string; readonly body: string; readonly answer: Promise<string> }> =
    [];

  const route = (service: string): { subgraph: SubgraphDefinition; transport: SubgraphTransport } => {
    if (context.signal?.aborted) throw new SubgraphFetchError('REQUEST_TIMEOUT', service);
    const subgraph = generation.subgraphs.get(service);
    const transport = subgraph && transports.get(subgraph.route.kind);
    if (!transport) throw new SubgraphFetchError('SUBGRAPH_UNAVAILABLE', service, new Error('no transport'));
    return { subgraph, transport };
  };

  const join = <T>(
    service: string,
    work: string,
    start: (context: FetchContext) => Promise<T>,
  ): Promise<T> => {
    caller ??= shared ? callerKey(context) : undefined;
    if (!shared || caller === undefined) return start(context);
    const { ctx, headers } = context;
    const ownerless = { ...(ctx && { ctx }), ...(headers && { headers }) };
    return shared.join(`${service}\n${caller}\n${work}`, context, service, () => start(ownerless));
  };
  const share = <T>(
    service: string,
    { hash }: SubgraphDefinition,
    body: string,
    start: (context: FetchContext) => Promise<T>,
  ): Promise<T> => join(service, `${hash}\n${body}`, start);

  return {
    async send(service, request, operation) {
      const { subgraph, transport } = route(service);
      try {
        return await transport.fetch(subgraph, request, operation, context);
      } finally {
        if (operation === 'mutation') shared?.written();
      }
    },
    carriesText(service) {
      const subgraph = generation.subgraphs.get(service);
      return subgraph !== undefined && transports.get(subgraph.route.kind)?.fetchText !== undefined;
    },
    async sendText(service, body) {
      const { subgraph, transport } = route(service);
      const answer = share(service, subgraph, body, (within) => transport.fetchText!(subgraph, body, within));
      sent.push({ service, body, answer });
      return answer;
    },
    join: (work, start) => join('', work, start),
    async sendBody(service, body) {
      const known = sent.find((other) => other.body === body && other.service === service);
      if (known) return parseSubgraphResponse(await known.answer, service);
      const { subgraph, transport } = route(service);
      if (transport.fetchText) {
        const fetchText = (within: FetchContext) => transport.fetchText!(subgraph, body, within);
        return parseSubgraphResponse(await share(service, subgraph, body, fetchText), service);
      }
      const request: SubgraphRequest = JSON.parse(body);
      const fetch = (within: FetchContext) => transport.fetch(subgraph, request, 'query', within);
      return copied(await share(service, subgraph, body, fetch), service);
    },
  };
}

/** A service in this very process may answer with objects of its own, and several requests may share one answer. */
function copied(response: SubgraphResponse, service: string): SubgraphResponse {
  if (!response.data) return response;
  try {
    return { ...response, data: copy(response.data) as DataMap };
  } catch (error) {
    // Nested until the stack is full.
    throw new SubgraphFetchError('SUBGRAPH_INVALID_RESPONSE', service, error);
  }
}

function copy(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    for (const item of value) items.push(copy(item));
    return items;
  }
  if (!isMap(value)) return value;
  const result: DataMap = {};
  for (const key of Object.keys(value)) if (key !== '__proto__') result[key] = copy(value[key]);
  return result;
}
