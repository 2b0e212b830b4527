import assert from 'node:assert/strict';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { type ExecutionResult, type GraphQLFormattedError, graphql, parse } from 'graphql';
import { createFederationGateway, type FederationGatewayOptions } from '../../src/create-gateway.ts';
import type { FederationGateway } from '../../src/gateway.ts';
import { LocalPlanning } from '../../src/planning/local-planning.ts';
import { type SubgraphRequest, type SubgraphResponse, schemaHash } from '../../src/protocol.ts';
import { compose } from '../../src/supergraph/compose.ts';
import type { ComposedSupergraph, Generation } from '../../src/supergraph/generation.ts';
import { SubgraphFetchError } from '../../src/transport/subgraph-fetch-error.ts';
import { toSubgraphResponse } from '../../src/transport/subgraph-response.ts';
import type { SubgraphTransport } from '../../src/transport/transport.ts';

type Resolvers = NonNullable<
  Parameters<typeof buildSubgraphSchema>[0] extends infer M
    ? M extends { resolvers?: infer R }
      ? R
      : never
    : never
>;

export interface LocalSubgraph {
  readonly sdl: string;
  readonly resolvers?: Resolvers;
  /** Answers in place of the schema, unless it says undefined. */
  readonly answer?: (request: SubgraphRequest) => unknown;
}

export interface SentFetch extends SubgraphRequest {
  readonly subgraph: string;
}

export interface Federation extends AsyncDisposable {
  readonly generation: Generation;
  /** Every fetch so far, in the order in which they were sent. */
  readonly fetches: SentFetch[];
  query(query: string, variables?: Record<string, unknown>, operationName?: string): Promise<Answer>;
}

export interface Answer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly GraphQLFormattedError[];
}

export const FEDERATION_2 =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key", "@external", "@requires", "@provides", "@shareable", "@inaccessible", "@interfaceObject", "@override"])\n';

export interface FederateOptions extends Partial<FederationGatewayOptions> {
  /** False where an answer depends on how fetches are put together, or on how often they are sent. */
  readonly compareExecutors?: boolean;
}

/**
 * A gateway over subgraphs in this process; whatever is sent and answered goes through JSON.
 *
 * Every query is answered by the plain executor too, and to text: all three must say the same, so that each
 * conformance case is one of the executors' equality as well. Only the first answer's fetches are recorded.
 */
export async function federate(
  subgraphs: Readonly<Record<string, LocalSubgraph>>,
  { compareExecutors = true, ...options }: FederateOptions = {},
): Promise<Federation> {
  const fetches: SentFetch[] = [];
  const composed = composeLocally(subgraphs);
  const start = async (executor: 'compiled' | 'plain', sent: SentFetch[]): Promise<FederationGateway> => {
    const gateway = createFederationGateway({
      executor,
      planning: new LocalPlanning(),
      ...options,
      transports: [localTransport(subgraphs, sent)],
      snapshot: { load: async () => composed, save: async () => {} },
    });
    await gateway.start();
    return gateway;
  };
  const gateway = await start('compiled', fetches);
  const silent = await start('compiled', []);
  const plain = await start('plain', []);
  return {
    generation: gateway.supergraph.current!,
    fetches,
    async query(query, variables, operationName) {
      const request = { query, variables, operationName };
      const answer = toJson(await gateway.execute(request, {})) as Answer;
      if (!compareExecutors || /^\s*mutation/.test(query)) return answer;
      const { data, errors } = await silent.executeToText(request, {});
      const text = { ...(errors && { errors }), ...(data !== undefined && { data: JSON.parse(data) }) };
      assert.deepEqual(comparable(text), comparable(answer));
      if (data !== undefined) assert.equal(data, JSON.stringify(answer.data));
      assert.deepEqual(comparable(answer), comparable(await plain.execute(request, {})));
      return answer;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([gateway.stop(), silent.stop(), plain.stop()]);
    },
  };
}

/** Errors come in the order in which fetches end. */
function comparable(answer: unknown): Answer {
  const { data, errors } = toJson(answer) as Answer;
  const sorted = errors?.map((error) => JSON.stringify(error)).sort();
  return { ...(data !== undefined && { data }), ...(sorted && { errors: sorted as never }) };
}

/** Answers the entity lists of a request, however many fetches were put into it. */
export function answerEntities(
  { variables = {} }: SubgraphRequest,
  resolve: (representation: Record<string, unknown>) => unknown,
): unknown {
  const lists = Object.entries(variables).filter(([name]) => name.startsWith('representations'));
  return {
    data: Object.fromEntries(
      lists.map(([name, list]) => [
        name.replace('representations', '_entities'),
        (list as Record<string, unknown>[]).map(resolve),
      ]),
    ),
  };
}

/** Composes in this thread: a worker for each test would cost more than the tests. */
export function composeLocally(subgraphs: Readonly<Record<string, LocalSubgraph>>): ComposedSupergraph {
  const definitions = Object.entries(subgraphs).map(([name, { sdl }]) => ({
    name,
    sdl,
    hash: schemaHash(sdl),
    route: { kind: 'http' as const, url: `http://${name}.test/` },
  }));
  const outcome = compose(definitions.map(({ name, sdl, route }) => ({ name, sdl, url: route.url })));
  if ('faults' in outcome) throw new Error(outcome.faults.map(({ message }) => message).join('\n'));
  return { ...outcome, subgraphs: definitions };
}

function localTransport(
  subgraphs: Readonly<Record<string, LocalSubgraph>>,
  fetches: SentFetch[],
): SubgraphTransport {
  const schemas = new Map(
    Object.entries(subgraphs).map(([name, { sdl, resolvers = {} }]) => [
      name,
      buildSubgraphSchema({ typeDefs: parse(sdl), resolvers }),
    ]),
  );
  return {
    kind: 'http',
    async fetch({ name }, request) {
      fetches.push({ subgraph: name, ...(toJson(request) as SubgraphRequest) });
      const { answer } = subgraphs[name]!;
      const answered = answer?.(request);
      if (answered instanceof SubgraphFetchError) throw answered;
      if (answered !== undefined) return toSubgraphResponse(toJson(answered), name);
      const result: ExecutionResult = await graphql({
        schema: schemas.get(name)!,
        source: request.query,
        operationName: request.operationName ?? null,
        variableValues: toJson(request.variables ?? {}) as Record<string, unknown>,
      });
      return toJson(result) as SubgraphResponse;
    },
    close: async () => {},
  };
}

const toJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
