import { buildSchema, execute, type GraphQLSchema, parse, printSchema, validate } from 'graphql';
import { SubgraphFetchError } from '../../../src/transport/subgraph-fetch-error.ts';
import { difference, untruth } from './compare.ts';
import { createEngine, type Engine, EXECUTORS, type Interference, type TextAnswer } from './engine.ts';
import { chooseFaults } from './faults.ts';
import { faultOf, unlike } from './judge-failure.ts';
import { seedOf } from './random.ts';
import type { RandomOperation } from './random-operation.ts';
import type { World } from './world.ts';
import { createSubgraphs, type Run, wholeResolver } from './world-data.ts';

/** One world served twice: by a gateway over its subgraphs, with each executor, and by graphql-js in one piece. */
export interface Twins {
  readonly schema: GraphQLSchema;
  readonly engine: Engine;
  isValid(operation: RandomOperation): boolean;
  /** What tells the answers to a valid operation over the `data`-th set of data apart. */
  compare(operation: RandomOperation, data: number): Promise<string | undefined>;
  /** What is untrue of the gateway's answer when a third of its fetches fail. */
  compareFailing(operation: RandomOperation, data: number): Promise<string | undefined>;
  /** What is wrong with the answers when subgraphs fail, or tells those of the executors apart. */
  compareFaulty(operation: RandomOperation, data: number): Promise<string | undefined>;
}

/** @throws (as a rejection) Error when composition refuses the world. */
export async function createTwins(world: World): Promise<Twins> {
  const run: Run = { data: 0, mutations: 0 };
  const engine = await createEngine(createSubgraphs(world, run));
  const schema = buildSchema(printSchema(engine.generation.apiSchema));
  const overfetched = world.objects.some(({ family }) => family);
  const fieldResolver = wholeResolver(world, run);

  const answerWhole = async ({ query, variables }: RandomOperation): Promise<TextAnswer> => {
    const { data, errors = [] } = await execute({
      schema,
      document: parse(query, { noLocation: true }),
      variableValues: variables,
      fieldResolver,
    });
    return { data: JSON.stringify(data), errors: JSON.parse(JSON.stringify(errors)) };
  };

  const first = async (
    operation: RandomOperation,
    data: number,
    judge: (federated: TextAnswer, whole: TextAnswer) => string | undefined,
    interfere?: Interference,
  ): Promise<string | undefined> => {
    Object.assign(run, { data, mutations: 0 });
    const whole = await answerWhole(operation);
    for (const executor of EXECUTORS) {
      // Mutations count: each executor must find the count where the whole schema did.
      run.mutations = 0;
      const finding = judge(await engine.run(executor, operation, interfere), whole);
      if (finding !== undefined) return `${executor}: ${finding}`;
    }
    return undefined;
  };

  return {
    schema,
    engine,
    isValid: ({ query }) =>
      validate(schema, parse(query, { noLocation: true }), undefined, { maxErrors: 1 }).length === 0,
    compare: (operation, data) =>
      first(operation, data, (actual, whole) => difference(actual, whole, { overfetched })),
    async compareFaulty(operation, data) {
      Object.assign(run, { data, mutations: 0 });
      const whole = await answerWhole(operation);
      const faults = chooseFaults(
        [...engine.generation.subgraphs.keys()],
        seedOf(`${operation.query} ${data}`),
      );
      const answers: TextAnswer[] = [];
      for (const executor of EXECUTORS) {
        run.mutations = 0;
        const answer = await engine.run(executor, operation, faults.interfere);
        const fault = faultOf(operation.query, answer, whole, faults);
        if (fault !== undefined) return `${JSON.stringify(faults.chosen)} ${executor}: ${fault}`;
        answers.push(answer);
      }
      const plain = answers.pop()!;
      for (const [index, answer] of answers.entries()) {
        const found = unlike(answer, plain);
        if (found !== undefined) return `${JSON.stringify(faults.chosen)} ${EXECUTORS[index]}: ${found}`;
      }
      return undefined;
    },
    compareFailing: (operation, data) =>
      first(operation, data, untruth, async (subgraph, { query }, answer) => {
        if (query.length % 3 === data % 3) throw new SubgraphFetchError('SUBGRAPH_UNAVAILABLE', subgraph);
        return JSON.stringify(await answer());
      }),
  };
}
