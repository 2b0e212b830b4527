import { type ExecutionResult, GraphQLError } from 'graphql';
import { withPath } from '../coded-error.ts';
import type { PreparedOperation } from '../operation/prepared-operation.ts';
import { coerceVariables } from '../operation/variables.ts';
import type { Generation } from '../supergraph/generation.ts';
import { SubgraphFetchError } from '../transport/subgraph-fetch-error.ts';
import type { FetchContext, SubgraphTransport } from '../transport/transport.ts';
import { ErrorLog } from './error-log.ts';
import { type Execution, executePlan } from './execute-plan.ts';
import { introspect } from './introspection.ts';
import { project } from './project.ts';
import { type DataMap, isMap } from './values.ts';

export interface ExecuteOptions {
  readonly generation: Generation;
  readonly transports: ReadonlyMap<string, SubgraphTransport>;
  readonly prepared: PreparedOperation;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: FetchContext;
}

/** Runs a prepared operation on one generation. Rejects only on a fault of ours. */
export async function executeOperation(options: ExecuteOptions): Promise<ExecutionResult> {
  const { generation, prepared, context, transports } = options;
  const { apiSchema, planner, subgraphs, isOfType } = generation;
  const { parsed } = prepared;
  const variables = coerceVariables(apiSchema, parsed.operation, options.variables);
  if ('errors' in variables) return { errors: variables.errors };

  const errors = new ErrorLog();
  const execution: Execution = {
    variables,
    isOfType,
    errors,
    clientPath: (path) => path.map((step) => (typeof step === 'string' ? planner.names.client(step) : step)),
    send: async (fetch, request) => {
      if (context.signal?.aborted) throw new SubgraphFetchError('REQUEST_TIMEOUT', fetch.serviceName);
      const subgraph = subgraphs.get(fetch.serviceName);
      const transport = subgraph && transports.get(subgraph.route.kind);
      if (!transport)
        throw new SubgraphFetchError('SUBGRAPH_UNAVAILABLE', fetch.serviceName, new Error('no transport'));
      return transport.fetch(subgraph, request, fetch.operationKind, context);
    },
  };
  const plan = await prepared.plan(variables.coerced).catch((error: unknown) => {
    if (error instanceof GraphQLError) return { errors: [error] };
    throw error;
  });
  if ('errors' in plan) return plan;
  const gathered = await executePlan(execution, plan.node);
  const data = project(gathered, {
    schema: apiSchema,
    parsed,
    variables: variables.coerced,
    errors,
    internalName: planner.names.internal,
    introspect: (fields) => introspect(apiSchema, parsed, variables.given, fields),
  });
  return errors.errors.length === 0
    ? { data }
    : { errors: errors.errors.map((error) => placed(error, data)), data };
}

/**
 * Cuts an error's path where it leaves the answer: a field that only a `@requires` needed is not the client's. Below
 * a null the path goes on, as in graphql-js: it tells what failed there.
 */
function placed(error: GraphQLError, data: DataMap | null): GraphQLError {
  if (!error.path) return error;
  let value: unknown = data;
  let length = 0;
  for (const step of error.path) {
    if (value === null) return error;
    if (
      Array.isArray(value)
        ? typeof step !== 'number' || step >= value.length
        : !isMap(value) || !Object.hasOwn(value, step)
    )
      break;
    value = (value as Record<string | number, unknown>)[step];
    length++;
  }
  if (length === error.path.length || value === null) return error;
  return withPath(error, error.path.slice(0, length));
}
