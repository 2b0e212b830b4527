import assert from 'node:assert/strict';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { type DocumentNode, execute, type GraphQLSchema, parse, validate } from 'graphql';
import { executeOperation, executeOperationToText } from '../../../src/execution/execute-operation.ts';
import { defaultLimits } from '../../../src/operation/limits.ts';
import { LocalPlanning } from '../../../src/planning/local-planning.ts';
import type { SubgraphRequest } from '../../../src/protocol.ts';
import { Generation } from '../../../src/supergraph/generation.ts';
import { parseSubgraphResponse, toSubgraphResponse } from '../../../src/transport/subgraph-response.ts';
import type { SubgraphTransport } from '../../../src/transport/transport.ts';
import { type Answer, composeLocally, type LocalSubgraph } from '../../support/federate.ts';
import type { RandomOperation } from './random-operation.ts';

export const EXECUTORS = ['compiled', 'plain'] as const;
export type Executor = (typeof EXECUTORS)[number];

/** An answer whose data is text: the order of its keys is part of it. */
export interface TextAnswer {
  readonly data: string | undefined;
  readonly errors: NonNullable<Answer['errors']>;
}

/**
 * Stands between a subgraph and the gateway.
 *
 * @param answer gives the subgraph's own answer.
 * @returns the text of what the gateway gets. @throws SubgraphFetchError
 */
export type Interference = (
  subgraph: string,
  request: SubgraphRequest,
  answer: () => Promise<object>,
) => Promise<string>;

const honest: Interference = async (_subgraph, _request, answer) => JSON.stringify(await answer());

/** A gateway's inside without its shell: one composition and one plan of each operation serve both executors. */
export interface Engine {
  readonly generation: Generation;
  /** What the last operation asked its subgraphs. */
  readonly fetches: readonly string[];
  run(executor: Executor, operation: RandomOperation, interfere?: Interference): Promise<TextAnswer>;
}

export async function createEngine(subgraphs: Readonly<Record<string, LocalSubgraph>>): Promise<Engine> {
  const generation = await Generation.create(
    1,
    composeLocally(subgraphs),
    { limits: defaultLimits, introspection: true },
    new LocalPlanning(),
  );
  const answering = new Map(Object.entries(subgraphs).map(([name, subgraph]) => [name, answerer(subgraph)]));
  const fetches: string[] = [];
  let interference = honest;

  const ask = (name: string, request: SubgraphRequest): Promise<string> => {
    fetches.push(`${name} ${request.query} ${JSON.stringify(request.variables)}`);
    return interference(name, request, () => answering.get(name)!(request));
  };
  const objects: SubgraphTransport = {
    kind: 'http',
    async fetch({ name }, request) {
      const sent = JSON.parse(JSON.stringify(request)) as SubgraphRequest;
      return toSubgraphResponse(parseSubgraphResponse(await ask(name, sent), name), name);
    },
    close: async () => {},
  };
  const texts: SubgraphTransport = {
    ...objects,
    fetchText: ({ name }, body) => ask(name, JSON.parse(body) as SubgraphRequest),
  };

  return {
    generation,
    fetches,
    async run(executor, { query, variables }, interfere = honest) {
      interference = interfere;
      fetches.length = 0;
      const prepared = generation.operations.prepare(query, undefined);
      if ('errors' in prepared) return { data: undefined, errors: toJson(prepared.errors) };
      const transport = executor === 'compiled' ? texts : objects;
      const transports = new Map([[transport.kind, transport]]);
      const options = { generation, transports, prepared, variables, context: {}, executor };
      if (executor === 'compiled') {
        const { data, errors = [] } = await executeOperationToText(options);
        return { data, errors: toJson(errors) };
      }
      const { data, errors = [] } = await executeOperation(options);
      return { data: JSON.stringify(data), errors: toJson(errors) };
    },
  };
}

/** Executes a subgraph's requests. @throws AssertionError for one that is not valid: the planner's fault or ours. */
function answerer({ sdl, resolvers = {} }: LocalSubgraph): (request: SubgraphRequest) => Promise<object> {
  const schema: GraphQLSchema = buildSubgraphSchema({ typeDefs: parse(sdl), resolvers });
  const documents = new Map<string, DocumentNode>();
  return async ({ query, variables = {} }) => {
    let document = documents.get(query);
    if (!document) {
      document = parse(query, { noLocation: true });
      assert.deepEqual(validate(schema, document), [], query);
      documents.set(query, document);
    }
    return execute({ schema, document, variableValues: variables });
  };
}

const toJson = <T>(value: T): Answer['errors'] & object => JSON.parse(JSON.stringify(value));
