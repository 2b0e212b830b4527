/** A FederationGateway for the edge's tests: graphql-js over a local schema, no subgraphs, no composition. */
import {
  buildSchema,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  parse,
  printSchema,
  validate,
} from 'graphql';
import type { FederationGateway, FetchContext, GraphQLRequest } from 'moleculer-federation';

export type StubResolver = (args: Readonly<Record<string, unknown>>, context: FetchContext) => unknown;

export interface StubEngine extends FederationGateway {
  /** As before the first composition. */
  vanish(): void;
  readonly forgotten: string[];
  readonly stopped: () => boolean;
}

/** @param resolvers of root fields, by name. */
export function createStubEngine(
  sdl: string,
  resolvers: Readonly<Record<string, StubResolver>> = {},
): StubEngine {
  const schema = buildSchema(sdl);
  const forgotten: string[] = [];
  let composed = true;
  let stopped = false;
  const supergraph = {
    get current() {
      return composed ? { id: 3, supergraphSdl: printSchema(schema) } : undefined;
    },
    status: () => ({
      generation: composed
        ? { id: 3, hash: 'dddd', createdAt: '2026-01-01T00:00:00.000Z', inFlight: 0 }
        : undefined,
      pending: [],
      subgraphs: composed
        ? [
            { name: 'products', hash: 'aaaa', instances: ['node-1'] },
            { name: 'reviews', hash: 'bbbb', instances: [] },
          ]
        : [],
      refused: [{ name: 'orders', hash: 'cccc', reason: 'Unknown type "Prodct".', since: 2 }],
    }),
    forget: async (name: string) => {
      if (name !== 'reviews') throw new Error(`There is no subgraph "${name}".`);
      forgotten.push(name);
    },
  };
  const execute: StubEngine['execute'] = async (request, context) => {
    if (!composed) return refused('SUPERGRAPH_UNAVAILABLE', 'No supergraph has been composed yet.');
    return run(schema, resolvers, request, context);
  };
  return {
    start: async () => undefined,
    stop: async () => {
      stopped = true;
    },
    supergraph: supergraph as unknown as FederationGateway['supergraph'],
    execute,
    executeToText: async (request, context) => {
      const { data, errors } = await execute(request, context);
      return { ...(data !== undefined && { data: JSON.stringify(data) }), ...(errors && { errors }) };
    },
    vanish: () => {
      composed = false;
    },
    forgotten,
    stopped: () => stopped,
  };
}

function run(
  schema: GraphQLSchema,
  rootValue: Readonly<Record<string, StubResolver>>,
  { query, operationName, variables }: GraphQLRequest,
  contextValue: FetchContext,
): ExecutionResult | Promise<ExecutionResult> {
  try {
    const document = parse(query, { maxTokens: 1_000 });
    const problems = validate(schema, document);
    if (problems[0]) return refused('GRAPHQL_VALIDATION_FAILED', problems[0].message);
    const operation = getOperationAST(document, operationName);
    if (!operation) return refused('OPERATION_RESOLUTION_FAILURE', 'Which operation?');
    const coerced = getVariableValues(schema, operation.variableDefinitions ?? [], { ...variables });
    if (coerced.errors?.[0]) return refused('BAD_USER_INPUT', coerced.errors[0].message);
    return execute({ schema, document, rootValue, contextValue, operationName, variableValues: variables });
  } catch (error) {
    return refused('GRAPHQL_PARSE_FAILED', (error as Error).message);
  }
}

const refused = (code: string, message: string): ExecutionResult => ({
  errors: [new GraphQLError(message, { extensions: { code } })],
});
