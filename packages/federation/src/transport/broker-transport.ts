import type { CallingOptions, ServiceBroker } from 'moleculer';
import { executeAction, type SubgraphRequest, type SubgraphResponse } from '../protocol.ts';
import type { SubgraphDefinition } from '../supergraph/subgraph.ts';
import { Absences } from './absences.ts';
import { rejectOnAbort, remainingTime } from './request-time.ts';
import { SubgraphFetchError, type SubgraphFetchErrorCode } from './subgraph-fetch-error.ts';
import { toSubgraphResponse } from './subgraph-response.ts';
import type { FetchContext, SubgraphTransport } from './transport.ts';

/**
 * `idempotent` is read by a retry middleware: such a call may be sent again on any error that is worth it. `textAnswer`
 * and `textParams` are read by a transporter that can leave an answer as the text it came as, and send params that are
 * text already.
 */
type FetchCallOptions = CallingOptions & {
  readonly idempotent: boolean;
  readonly textAnswer: boolean;
  readonly textParams?: { readonly params: unknown; readonly text: string };
};

/**
 * Carries fetches as calls of the subgraph's execute action, whose name holds the schema hash: Moleculer balances
 * over exactly the instances that serve the schema the fetch was planned for.
 */
export class BrokerTransport implements SubgraphTransport {
  readonly kind = 'broker';
  readonly #broker: ServiceBroker;
  readonly #timeout: number;
  readonly #absences: Absences;

  /** @param timeout ms for one fetch; a request's deadline can only shorten it. */
  constructor(broker: ServiceBroker, timeout: number) {
    this.#broker = broker;
    this.#timeout = timeout;
    this.#absences = new Absences((action) => broker.registry.actions.isAvailable(action));
  }

  async fetch(
    subgraph: SubgraphDefinition,
    request: SubgraphRequest,
    operation: 'query' | 'mutation' | 'subscription',
    context: FetchContext,
  ): Promise<SubgraphResponse> {
    const answer = await this.#call(subgraph, request, operation, context);
    return toSubgraphResponse(answer, subgraph.name);
  }

  /** What did not come as text, from this very process or over another transporter, is written again. */
  async fetchText(subgraph: SubgraphDefinition, body: string, context: FetchContext): Promise<string> {
    const answer = await this.#call(subgraph, this.#requestOf(body, subgraph), 'query', context, body);
    if (typeof answer === 'string') return answer;
    try {
      return JSON.stringify(toSubgraphResponse(answer, subgraph.name));
    } catch (error) {
      if (error instanceof SubgraphFetchError) throw error;
      // Nested until the stack is full, or nothing that JSON has.
      throw new SubgraphFetchError('SUBGRAPH_INVALID_RESPONSE', subgraph.name, error);
    }
  }

  async #call(
    { route, name, hash }: SubgraphDefinition,
    request: SubgraphRequest,
    operation: 'query' | 'mutation' | 'subscription',
    context: FetchContext,
    body?: string,
  ): Promise<unknown> {
    if (route.kind !== 'broker')
      throw new SubgraphFetchError('SUBGRAPH_UNAVAILABLE', name, new Error('not a broker route'));
    const action = executeAction(route.service, hash);
    const options: FetchCallOptions = {
      timeout: remainingTime(context, this.#timeout, name),
      idempotent: operation === 'query',
      textAnswer: body !== undefined,
      ...(body !== undefined && { textParams: { params: request, text: body } }),
      ...(!this.#absences.worthWaiting(action) && { retries: 0 }),
      // Not `ctx.call`: that merges the callee's meta back, so a subgraph could change the caller's identity.
      ...(context.ctx && { parentCtx: context.ctx }),
    };
    try {
      const call = this.#broker.call<unknown, SubgraphRequest>(action, request, options);
      return await rejectOnAbort(call, context, name);
    } catch (error) {
      throw error instanceof SubgraphFetchError ? error : new SubgraphFetchError(codeOf(error), name, error);
    }
  }

  /**
   * Who sends the text itself need not parse it: a long one is parsed when somebody looks. Not for an action in this
   * process, which may change its params.
   */
  #requestOf(body: string, { route, hash }: SubgraphDefinition): SubgraphRequest {
    if (body.length < LONG) return JSON.parse(body);
    const action = route.kind === 'broker' ? executeAction(route.service, hash) : '';
    const isHere = this.#broker.registry.getActionEndpoints(action)?.hasLocal() ?? false;
    return isHere ? JSON.parse(body) : unreadRequest(body);
  }

  async close(): Promise<void> {
    // The broker is its owner's.
  }
}

/** Characters of a request that take longer to parse than an object that can wait with it takes to make. */
const LONG = 1_000;

function unreadRequest(body: string): SubgraphRequest {
  let parsed: SubgraphRequest | undefined;
  const read = (): SubgraphRequest => {
    parsed ??= JSON.parse(body) as SubgraphRequest;
    return parsed;
  };
  // Properties of its own, so that copies and all serializers see them.
  return {
    get query() {
      return read().query;
    },
    get operationName() {
      return read().operationName;
    },
    get variables() {
      return read().variables;
    },
  } as SubgraphRequest;
}

const TIMEOUTS = new Set(['REQUEST_TIMEOUT', 'REQUEST_SKIPPED']);
const TOO_LARGE = new Set(['PAYLOAD_TOO_LARGE', 'RESPONSE_TOO_LARGE']);
/** Types of errors with which a service answers, rather than Moleculer in its stead. */
const ANSWERS = new Set(['VALIDATION_ERROR', 'INVALID_PACKET_DATA']);

function codeOf(error: unknown): SubgraphFetchErrorCode {
  const { type } = error as { type?: unknown };
  if (typeof type !== 'string') return 'SUBGRAPH_UNAVAILABLE';
  if (TIMEOUTS.has(type)) return 'SUBGRAPH_TIMEOUT';
  if (TOO_LARGE.has(type)) return 'RESPONSE_TOO_LARGE';
  return ANSWERS.has(type) ? 'SUBGRAPH_INVALID_RESPONSE' : 'SUBGRAPH_UNAVAILABLE';
}
