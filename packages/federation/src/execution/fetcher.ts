import type { FetchNode } from '../planning/planner.ts';
import type { SubgraphRequest, SubgraphResponse } from '../protocol.ts';
import type { Generation } from '../supergraph/generation.ts';
import type { SubgraphDefinition } from '../supergraph/subgraph.ts';
import { callerKey, type SharedFetches } from '../transport/shared-fetches.ts';
import { SubgraphFetchError } from '../transport/subgraph-fetch-error.ts';
import { parseSubgraphResponse } from '../transport/subgraph-response.ts';
import type { FetchContext, SubgraphTransport } from '../transport/transport.ts';
import { mergeInto } from './merge.ts';

/** Sends the fetches of one operation. Both ways reject with SubgraphFetchError. */
export interface Fetcher {
  send(
    service: string,
    request: SubgraphRequest,
    operation: FetchNode['operationKind'],
  ): Promise<SubgraphResponse>;
  /** Sends a query's body as it stands, or joins the same on its way. The answer is the caller's own. */
  sendBody(service: string, body: string): Promise<SubgraphResponse>;
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

  const route = (service: string): { subgraph: SubgraphDefinition; transport: SubgraphTransport } => {
    if (context.signal?.aborted) throw new SubgraphFetchError('REQUEST_TIMEOUT', service);
    const subgraph = generation.subgraphs.get(service);
    const transport = subgraph && transports.get(subgraph.route.kind);
    if (!transport) throw new SubgraphFetchError('SUBGRAPH_UNAVAILABLE', service, new Error('no transport'));
    return { subgraph, transport };
  };

  return {
    async send(service, request, operation) {
      const { subgraph, transport } = route(service);
      return transport.fetch(subgraph, request, operation, context);
    },
    async sendBody(service, body) {
      const { subgraph, transport } = route(service);
      const share = <T>(start: (context: FetchContext) => Promise<T>): Promise<T> => {
        caller ??= shared ? callerKey(context) : undefined;
        if (!shared || caller === undefined) return start(context);
        const { ctx, headers } = context;
        const ownerless = { ...(ctx && { ctx }), ...(headers && { headers }) };
        const key = `${service}\n${subgraph.hash}\n${caller}\n${body}`;
        return shared.join(key, context, service, () => start(ownerless));
      };
      const { fetchText } = transport;
      if (fetchText) {
        const text = await share((within) => fetchText.call(transport, subgraph, body, within));
        return parseSubgraphResponse(text, service);
      }
      const request: SubgraphRequest = JSON.parse(body);
      return copied(await share((within) => transport.fetch(subgraph, request, 'query', within)));
    },
  };
}

/** A service in this very process may answer with objects of its own. */
function copied(response: SubgraphResponse): SubgraphResponse {
  if (!response.data) return response;
  const data = {};
  mergeInto(data, response.data);
  return { ...response, data };
}
