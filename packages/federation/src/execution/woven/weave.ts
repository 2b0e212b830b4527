import type { ParsedOperation } from '../../operation/parse-operation.ts';
import type { QueryPlan } from '../../planning/planner.ts';
import type { Generation } from '../../supergraph/generation.ts';
import { SubgraphFetchError } from '../../transport/subgraph-fetch-error.ts';
import { compilePlan } from '../compiled/compile-plan.ts';
import { compileWoven, type WovenPlan } from './compile-woven.ts';
import { toResponseTree } from './response-tree.ts';
import { runWoven, type WovenExecution, type WovenResult } from './run-woven.ts';

interface Attempts {
  /** What its operations are shared by. */
  readonly name: string;
  readonly plan: WovenPlan;
  /** Surprises in a row. */
  surprises: number;
  /** Operations that go the compiled way before the next attempt. */
  pause: number;
}

const memo = new WeakMap<QueryPlan, Attempts | 'none'>();

/**
 * After each surprise in a row twice as many operations do without: a subgraph that always answers in a way of its own
 * must not have each of its answers read twice.
 */
const MAX_PAUSE = 1_023;

/**
 * The data of an operation's answer, woven of its subgraphs' answers. Undefined when its plan is not for that, or has
 * brought surprises lately.
 *
 * @param variables coerced values.
 */
export async function weave(
  operation: {
    readonly plan: QueryPlan;
    readonly generation: Generation;
    readonly parsed: ParsedOperation;
    /** Does a subgraph's answer come as text? */
    carriesText(service: string): boolean;
    /** Joins the work of this name that is under way for the same caller, or starts it. */
    join<T>(work: string, start: () => Promise<T>): Promise<T>;
  },
  execution: WovenExecution,
): Promise<WovenResult | undefined> {
  const attempts = attemptsAt(operation, execution.variables.coerced);
  if (!attempts) return undefined;
  for (const service of attempts.plan.services) if (!operation.carriesText(service)) return undefined;
  if (attempts.pause > 0) {
    attempts.pause--;
    return undefined;
  }
  // Equal operations under way for one caller would share each of their fetches: they share all that is made of them.
  const work = `${attempts.name}\n${JSON.stringify(execution.variables.given)}`;
  try {
    return await operation.join(work, () => attempt(execution, attempts));
  } catch (error) {
    if (error instanceof SubgraphFetchError) return { failure: 'late' };
    throw error;
  }
}

async function attempt(execution: WovenExecution, attempts: Attempts): Promise<WovenResult> {
  const result = await runWoven(execution, attempts.plan);
  if (result.text !== undefined) attempts.surprises = 0;
  else if (result.failure === 'surprise') {
    attempts.pause = Math.min(2 ** attempts.surprises, MAX_PAUSE);
    attempts.surprises++;
  }
  return result;
}

let plans = 0;

/** A plan is one operation's, for one set of values of its condition variables: so is what is compiled of it. */
function attemptsAt(
  { plan, generation, parsed }: Parameters<typeof weave>[0],
  variables: Readonly<Record<string, unknown>>,
): Attempts | undefined {
  let known = memo.get(plan);
  if (!known) {
    const { apiSchema, planner, isOfType } = generation;
    const compiled = compilePlan(plan, isOfType);
    const tree = compiled && toResponseTree(apiSchema, parsed, variables, planner.names.internal);
    const woven = tree && compileWoven(compiled, tree, isOfType);
    known = woven ? { name: `operation ${plans++}`, plan: woven, surprises: 0, pause: 0 } : 'none';
    memo.set(plan, known);
  }
  return known === 'none' ? undefined : known;
}
