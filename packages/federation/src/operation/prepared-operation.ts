import { type DocumentNode, GraphQLError, Kind, type OperationDefinitionNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import { codedError } from '../coded-error.ts';
import type { FederationErrorCode } from '../errors.ts';
import type { QueryPlan, QueryPlanner } from '../planning/planner.ts';
import { withoutIntrospection } from '../planning/without-introspection.ts';
import { conditionVariables, resolveConditions } from './conditions.ts';
import type { ParsedOperation } from './parse-operation.ts';

/** Plans kept for one operation: `n` condition variables could ask for 2ⁿ. */
const MAX_PLANS = 8;

/** An operation with its plans, one for each combination of values of its `@skip` and `@include` variables. */
export class PreparedOperation {
  readonly parsed: ParsedOperation;
  /** How often it was asked for. */
  uses = 0;
  readonly #planner: QueryPlanner;
  /** The operation that runs and every fragment, without other operations and introspection. */
  readonly #document: DocumentNode;
  readonly #conditions: readonly string[];
  readonly #plans = new LRUCache<string, Promise<QueryPlan>>({ max: MAX_PLANS });

  constructor(parsed: ParsedOperation, planner: QueryPlanner) {
    this.parsed = parsed;
    this.#planner = planner;
    this.#document = withoutIntrospection({
      kind: Kind.DOCUMENT,
      definitions: [parsed.operation, ...parsed.fragments.values()],
    });
    this.#conditions = conditionVariables(this.#document);
  }

  /**
   * The plan for these variables; made once for those that ask at the same time.
   *
   * @param variables coerced values.
   * @throws GraphQLError, with a code, when there is no plan.
   */
  plan(variables: Readonly<Record<string, unknown>>): Promise<QueryPlan> {
    const key = this.#conditions.map((name) => (variables[name] === true ? '1' : '0')).join('');
    const known = this.#plans.get(key);
    if (known) return known;
    const plan = this.#makePlan(variables);
    this.#plans.set(key, plan);
    // A plan that failed would fail again, and a hostile operation is planned no second time.
    plan.catch((error: GraphQLError) => {
      if (error.extensions.code === 'QUERY_PLANNING_UNAVAILABLE') this.#plans.delete(key);
    });
    return plan;
  }

  /** Values of the condition variables that there are plans for, latest used first. */
  plannedFor(): ReadonlyArray<Readonly<Record<string, boolean>>> {
    return [...this.#plans.keys()].map((key) =>
      Object.fromEntries(this.#conditions.map((name, index) => [name, key[index] === '1'])),
    );
  }

  async #makePlan(variables: Readonly<Record<string, unknown>>): Promise<QueryPlan> {
    const { operation } = this.parsed;
    try {
      return await this.#planner.plan(resolveConditions(this.#document, variables), operation.name?.value);
    } catch (error) {
      throw planningError(error, operation);
    }
  }
}

const OWN_CODES = new Set<unknown>([
  'QUERY_PLANNING_FAILED',
  'QUERY_PLANNING_UNAVAILABLE',
  'OPERATION_TOO_COMPLEX',
  'OPERATION_NOT_SUPPORTED',
] satisfies FederationErrorCode[]);

/** The planner's own errors speak of its insides, in codes that mean something else to a client: INVALID_GRAPHQL. */
function planningError(error: unknown, operation: OperationDefinitionNode): GraphQLError {
  if (error instanceof GraphQLError && OWN_CODES.has(error.extensions.code)) {
    const { message, extensions, originalError } = error;
    return new GraphQLError(message, { nodes: operation, extensions, originalError: originalError ?? null });
  }
  const message = 'No plan could be made for this operation.';
  return codedError('QUERY_PLANNING_FAILED', message, operation, { cause: error });
}
