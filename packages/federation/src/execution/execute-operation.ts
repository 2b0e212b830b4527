import { type ExecutionResult, GraphQLError } from 'graphql';
import { withPath } from '../coded-error.ts';
import type { ParsedOperation } from '../operation/parse-operation.ts';
import type { PreparedOperation } from '../operation/prepared-operation.ts';
import { coerceVariables, type OperationVariables } from '../operation/variables.ts';
import type { QueryPlan } from '../planning/planner.ts';
import type { Generation } from '../supergraph/generation.ts';
import type { SharedFetches } from '../transport/shared-fetches.ts';
import type { FetchContext, SubgraphTransport } from '../transport/transport.ts';
import { compilePlan } from './compiled/compile-plan.ts';
import { compileProjection, type TextProjection } from './compiled/project-text.ts';
import { type CompiledExecution, runPlan } from './compiled/run-plan.ts';
import { ErrorLog } from './error-log.ts';
import { executePlan } from './execute-plan.ts';
import { createFetcher } from './fetcher.ts';
import { introspect } from './introspection.ts';
import { project } from './project.ts';
import { type DataMap, isMap } from './values.ts';

export interface ExecuteOptions {
  readonly generation: Generation;
  readonly transports: ReadonlyMap<string, SubgraphTransport>;
  readonly prepared: PreparedOperation;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: FetchContext;
  /** `plain` is the reference: what it answers, `compiled` answers too, faster. */
  readonly executor: 'plain' | 'compiled';
  /** Identical fetches of queries that are under way at once share one; absent, none do. */
  readonly shared?: SharedFetches | undefined;
}

/** An execution result whose data is JSON text already. */
export interface TextResult {
  readonly data?: string | undefined;
  readonly errors?: readonly GraphQLError[];
}

/** What the fetches of an operation brought, and how to shape it into an answer. */
interface Gathered {
  readonly data: DataMap;
  readonly errors: ErrorLog;
  readonly text: TextProjection | undefined;
  project(): DataMap | null;
}

type Refused = { readonly errors: readonly GraphQLError[] };

/** Runs a prepared operation on one generation. Rejects only on a fault of ours. */
export async function executeOperation(options: ExecuteOptions): Promise<ExecutionResult> {
  const gathered = await gather(options);
  if (!('data' in gathered)) return gathered;
  return finished(gathered);
}

/** The same; where nothing failed the answer is never built, only written. */
export async function executeOperationToText(options: ExecuteOptions): Promise<TextResult> {
  const gathered = await gather(options);
  if (!('data' in gathered)) return gathered;
  const text = gathered.errors.errors.length === 0 ? gathered.text?.(gathered.data) : undefined;
  if (text !== undefined) return { data: text };
  const { data, errors } = finished(gathered);
  return { data: JSON.stringify(data), ...(errors && { errors }) };
}

function finished(gathered: Gathered): ExecutionResult {
  const data = gathered.project();
  const { errors } = gathered.errors;
  return errors.length === 0 ? { data } : { errors: errors.map((error) => placed(error, data)), data };
}

async function gather(options: ExecuteOptions): Promise<Gathered | Refused> {
  const { generation, prepared } = options;
  const { apiSchema, planner, isOfType } = generation;
  const { parsed } = prepared;
  const variables = coerceVariables(apiSchema, parsed.operation, options.variables);
  if ('errors' in variables) return { errors: variables.errors };

  const plan = await prepared.plan(variables.coerced).catch((error: unknown) => {
    if (error instanceof GraphQLError) return { errors: [error] };
    throw error;
  });
  if ('errors' in plan) return plan;
  const errors = new ErrorLog();
  const fetcher = createFetcher({ ...options, shared: options.shared });
  const execution: CompiledExecution = {
    variables,
    isOfType,
    errors,
    clientPath: (path) => path.map((step) => (typeof step === 'string' ? planner.names.client(step) : step)),
    send: (fetch, request) => fetcher.send(fetch.serviceName, request, fetch.operationKind),
    sendBody: (service, body) => fetcher.sendBody(service, body),
    patience: patienceOf(options.context),
  };
  const compiled = options.executor === 'compiled';
  const compiledPlan = compiled ? compilePlan(plan, isOfType) : undefined;
  const data = compiledPlan
    ? await runPlan(execution, compiledPlan)
    : await executePlan(execution, plan.node);
  return {
    data,
    errors,
    text: compiled ? projectionOf(plan, generation, parsed, variables.coerced) : undefined,
    project: () =>
      project(data, {
        schema: apiSchema,
        parsed,
        variables: variables.coerced,
        errors,
        internalName: planner.names.internal,
        introspect: (fields) => introspect(apiSchema, parsed, variables.given, fields),
      }),
  };
}

/** Long enough that slow is not taken for hanging: under load, going on apart would only add requests. */
const PATIENCE_MS = 2_000;

/** Leaves most of the request's time to what is fetched after it. */
const patienceOf = ({ deadline }: FetchContext): number =>
  deadline === undefined ? PATIENCE_MS : Math.min(PATIENCE_MS, (deadline - performance.now()) / 4);

const projections = new WeakMap<QueryPlan, TextProjection | 'none'>();

/**
 * Compiles ahead of the first request what would be compiled for it.
 *
 * @param variables at least those of the operation's conditions.
 */
export function compileOperation(
  plan: QueryPlan,
  generation: Generation,
  parsed: ParsedOperation,
  variables: OperationVariables['coerced'],
): void {
  compilePlan(plan, generation.isOfType);
  projectionOf(plan, generation, parsed, variables);
}

/** A plan is one operation's, for one set of values of its condition variables: so is the projection. */
function projectionOf(
  plan: QueryPlan,
  { apiSchema, planner }: Generation,
  parsed: ParsedOperation,
  variables: OperationVariables['coerced'],
): TextProjection | undefined {
  let known = projections.get(plan);
  if (!known) {
    known = compileProjection(apiSchema, parsed, variables, planner.names.internal) ?? 'none';
    projections.set(plan, known);
  }
  return known === 'none' ? undefined : known;
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
