import {
  buildSchema,
  type DocumentNode,
  execute,
  type GraphQLSchema,
  parse,
  printSchema,
  validate,
} from 'graphql';
import type { FederationGatewayOptions } from '../../../src/create-gateway.ts';
import { SubgraphFetchError } from '../../../src/transport/subgraph-fetch-error.ts';
import { type Answer, type Federation, federate } from '../../support/federate.ts';
import { difference, untruth } from './compare.ts';
import type { RandomOperation } from './random-operation.ts';
import type { World } from './world.ts';
import { createSubgraphs, type Run, wholeResolver } from './world-data.ts';

/** One world served twice: by a gateway over its subgraphs, and by graphql-js in one piece. */
export interface Twins extends AsyncDisposable {
  readonly schema: GraphQLSchema;
  readonly federation: Federation;
  isValid(operation: RandomOperation): boolean;
  /** What tells the two answers to a valid operation over the `data`-th set of data apart. */
  compare(operation: RandomOperation, data: number): Promise<string | undefined>;
  /** What is untrue of the gateway's answer when a third of its fetches fail. */
  compareFailing(operation: RandomOperation, data: number): Promise<string | undefined>;
}

/** @returns undefined when composition refuses the world. */
export async function createTwins(
  world: World,
  options: Partial<FederationGatewayOptions> = {},
): Promise<Twins | undefined> {
  const run: Run = { data: 0, mutations: 0 };
  let failing: number | undefined;
  const subgraphs = Object.entries(createSubgraphs(world, run)).map(([name, subgraph]) => {
    const answer = ({ query }: { query: string }) =>
      query.length % 3 === failing ? new SubgraphFetchError('SUBGRAPH_UNAVAILABLE', name) : undefined;
    return [name, { ...subgraph, answer }] as const;
  });
  const federation = await federate(Object.fromEntries(subgraphs), options);
  if (!federation.generation) {
    await federation[Symbol.asyncDispose]();
    return undefined;
  }
  const schema = buildSchema(printSchema(federation.generation.apiSchema));
  const fieldResolver = wholeResolver(world, run);
  const parsed = (query: string): DocumentNode => parse(query, { noLocation: true });

  const both = async (
    { query, variables }: RandomOperation,
    data: number,
  ): Promise<readonly [Answer, Answer]> => {
    Object.assign(run, { data, mutations: 0 });
    const whole = await execute({
      schema,
      document: parsed(query),
      variableValues: variables,
      fieldResolver,
    });
    run.mutations = 0;
    federation.fetches.length = 0;
    return [await federation.query(query, variables), JSON.parse(JSON.stringify(whole)) as Answer];
  };

  return {
    schema,
    federation,
    isValid: ({ query }) => validate(schema, parsed(query), undefined, { maxErrors: 1 }).length === 0,
    async compare(operation, data) {
      failing = undefined;
      return difference(...(await both(operation, data)));
    },
    async compareFailing(operation, data) {
      failing = data % 3;
      return untruth(...(await both(operation, data)));
    },
    [Symbol.asyncDispose]: () => federation[Symbol.asyncDispose](),
  };
}
