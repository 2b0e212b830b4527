import { type DocumentNode, GraphQLError, Kind } from 'graphql';
import { LRUCache } from 'lru-cache';
import { codedError, withCode } from '../coded-error.ts';
import type { QueryPlan, QueryPlanner } from '../planning/planner.ts';
import { withoutIntrospection } from '../planning/without-introspection.ts';
import { conditionVariables, resolveConditions } from './conditions.ts';
import type { ParsedOperation } from './parse-operation.ts';

/** Plans kept for one operation: `n` condition variables could ask for 2ⁿ. */
const MAX_PLANS = 8;

/** An operation with its plans, one for each combination of values of its `@skip` and `@include` variables. */
export class PreparedOperation {
  readonly parsed: ParsedOperation;
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
    plan.catch(() => this.#plans.delete(key));
    return plan;
  }

  async #makePlan(variables: Readonly<Record<string, unknown>>): Promise<QueryPlan> {
    const { operation } = this.parsed;
    try {
      return await this.#planner.plan(resolveConditions(this.#document, variables), operation.name?.value);
    } catch (error) {
      if (error instanceof GraphQLError) throw withCode(error, 'QUERY_PLANNING_FAILED');
      throw codedError('QUERY_PLANNING_FAILED', 'No plan could be made for this operation.', operation, {
        cause: error,
      });
    }
  }
}
