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

/** One world served by gateways over its subgraphs, one with each executor, and by graphql-js in one piece. */
export interface Twins extends AsyncDisposable {
  readonly schema: GraphQLSchema;
  /** The one with the compiled executor. */
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
  // Apart rather than side by side: mutations count, and each executor must find the count where the whole schema did.
  const start = (executor: 'compiled' | 'plain', asText?: (query: string) => boolean) =>
    federate(Object.fromEntries(subgraphs), {
      executor,
      compareExecutors: false,
      ...(asText && { asText }),
      ...options,
    });
  // To text, answers are woven where they can be: the compiled executor gets one half, the weaving the other.
  const federation = await start('compiled', (query) => query.length % 2 === 0);
  if (!federation.generation) {
    await federation[Symbol.asyncDispose]();
    return undefined;
  }
  const plain = await start('plain');
  const schema = buildSchema(printSchema(federation.generation.apiSchema));
  const fieldResolver = wholeResolver(world, run);
  const parsed = (query: string): DocumentNode => parse(query, { noLocation: true });

  const answers = async (
    { query, variables }: RandomOperation,
    data: number,
  ): Promise<{ whole: Answer; federated: readonly Answer[] }> => {
    Object.assign(run, { data, mutations: 0 });
    const whole = await execute({
      schema,
      document: parsed(query),
      variableValues: variables,
      fieldResolver,
    });
    const federated: Answer[] = [];
    for (const each of [federation, plain]) {
      run.mutations = 0;
      each.fetches.length = 0;
      federated.push(await each.query(query, variables));
    }
    return { whole: JSON.parse(JSON.stringify(whole)) as Answer, federated };
  };
  const first = async (
    operation: RandomOperation,
    data: number,
    judge: (federated: Answer, whole: Answer) => string | undefined,
  ): Promise<string | undefined> => {
    const { whole, federated } = await answers(operation, data);
    for (const [index, answer] of federated.entries()) {
      const finding = judge(answer, whole);
      if (finding !== undefined) return `${index === 0 ? 'compiled' : 'plain'}: ${finding}`;
    }
    return undefined;
  };

  return {
    schema,
    federation,
    isValid: ({ query }) => validate(schema, parsed(query), undefined, { maxErrors: 1 }).length === 0,
    async compare(operation, data) {
      failing = undefined;
      return first(operation, data, difference);
    },
    async compareFailing(operation, data) {
      failing = data % 3;
      return first(operation, data, untruth);
    },
    async [Symbol.asyncDispose]() {
      await federation[Symbol.asyncDispose]();
      await plain[Symbol.asyncDispose]();
    },
  };
}
