import { type ExecutionResult, GraphQLError } from 'graphql';
import type { ParsedOperation } from '../operation/parse-operation.ts';
import type { PreparedOperation } from '../operation/prepared-operation.ts';
import { coerceVariables, type OperationVariables } from '../operation/variables.ts';
import type { QueryPlan } from '../planning/planner.ts';
import type { Generation } from '../supergraph/generation.ts';
import type { SharedFetches } from '../transport/shared-fetches.ts';
import type { FetchContext, SubgraphTransport } from '../transport/transport.ts';
import { answeringSubgraph } from './answering-subgraph.ts';
import { toClientPlace } from './client-place.ts';
import { compilePlan } from './compiled/compile-plan.ts';
import { compileProjection, type TextProjection } from './compiled/project-text.ts';
import { type CompiledExecution, runPlan } from './compiled/run-plan.ts';
import { ErrorLog } from './error-log.ts';
import { executePlan } from './execute-plan.ts';
import { createFetcher, type Fetcher } from './fetcher.ts';
import { introspect } from './introspection.ts';
import { project } from './project.ts';
import type { DataMap } from './values.ts';
import type { WovenExecution } from './woven/run-woven.ts';
import { weave } from './woven/weave.ts';

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
  readonly parsed: ParsedOperation;
  readonly errors: ErrorLog;
  readonly text: TextProjection | undefined;
  project(): DataMap | null;
}

type Refused = { readonly errors: readonly GraphQLError[] };

/** Runs a prepared operation on one generation. Rejects only on a fault of ours. */
export async function executeOperation(options: ExecuteOptions): Promise<ExecutionResult> {
  const started = await start(options);
  return 'plan' in started ? finished(await gather(started)) : started;
}

/** The same; where nothing failed the answer is never built, only written. */
export async function executeOperationToText(options: ExecuteOptions): Promise<TextResult> {
  const started = await start(options);
  if (!('plan' in started)) return started;
  const woven = options.executor === 'compiled' ? await weave(started, started) : undefined;
  if (woven?.text !== undefined) return { data: woven.text };
  // It has been waited for already.
  const gathered = await gather(woven?.failure === 'late' ? { ...started, patience: 0 } : started);
  const text = gathered.errors.errors.length === 0 ? gathered.text?.(gathered.data) : undefined;
  if (text !== undefined) return { data: text };
  const { data, errors } = finished(gathered);
  return { data: JSON.stringify(data), ...(errors && { errors }) };
}

function finished(gathered: Gathered): ExecutionResult {
  const data = gathered.project();
  const { errors } = gathered.errors;
  return errors.length === 0
    ? { data }
    : { errors: errors.map((error) => toClientPlace(error, data, gathered.parsed)), data };
}

/** An operation that runs: its plan, and what every way of running it needs. */
interface Started extends CompiledExecution, WovenExecution {
  readonly plan: QueryPlan;
  readonly generation: Generation;
  readonly parsed: ParsedOperation;
  readonly executor: ExecuteOptions['executor'];
  readonly carriesText: Fetcher['carriesText'];
  readonly join: Fetcher['join'];
}

async function start(options: ExecuteOptions): Promise<Started | Refused> {
  const { generation, prepared, executor } = options;
  const { apiSchema, planner, isOfType } = generation;
  const { parsed } = prepared;
  const variables = coerceVariables(apiSchema, parsed.operation, options.variables);
  if ('errors' in variables) return { errors: variables.errors };

  const plan = await prepared.plan(variables.coerced).catch((error: unknown) => {
    if (error instanceof GraphQLError) return { errors: [error] };
    throw error;
  });
  if ('errors' in plan) return plan;
  const { send, sendBody, sendText, carriesText, join } = createFetcher({
    ...options,
    shared: options.shared,
  });
  return {
    plan,
    generation,
    parsed,
    executor,
    variables,
    isOfType,
    errors: new ErrorLog(),
    clientPath: (path) => path.map((step) => (typeof step === 'string' ? planner.names.client(step) : step)),
    send: (fetch, request) => send(fetch.serviceName, request, fetch.operationKind),
    sendBody,
    sendText,
    carriesText,
    join,
    patience: patienceOf(options.context),
  };
}

async function gather(started: Started): Promise<Gathered> {
  const { plan, generation, parsed, executor, variables, errors } = started;
  const { apiSchema, planner } = generation;
  const compiled = executor === 'compiled';
  const compiledPlan = compiled ? compilePlan(plan, started.isOfType) : undefined;
  const data = compiledPlan ? await runPlan(started, compiledPlan) : await executePlan(started, plan.node);
  return {
    data,
    parsed,
    errors,
    text: compiled ? projectionOf(plan, generation, parsed, variables.coerced) : undefined,
    project: () =>
      project(data, {
        schema: apiSchema,
        parsed,
        variables: variables.coerced,
        errors,
        internalName: planner.names.internal,
        serviceAt: (path, typename) =>
          answeringSubgraph(plan, path, typename, started.clientPath, started.isOfType),
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
