import { createWorld } from './create-world.ts';
import { createTwins, type Twins } from './differ.ts';
import { seedOf } from './random.ts';
import { type RandomOperation, randomOperation, randomVariables } from './random-operation.ts';
import { shrink } from './shrink.ts';

export interface Finding {
  readonly world: number;
  readonly data: number;
  /** As small as it would get. */
  readonly operation: RandomOperation;
  readonly difference: string;
  /** What the gateway asked its subgraphs. */
  readonly fetches: readonly string[];
}

export interface Search {
  /** Operations that were answered twice and compared. */
  readonly compared: number;
  readonly findings: readonly Finding[];
}

/**
 * Times that each document runs, over other data and with other variables: its plan, which takes most of the time, is
 * made once, and meets other nulls, types, lists and failures each time.
 */
const RUNS = 8;

export type Compare = (twins: Twins, operation: RandomOperation, data: number) => Promise<string | undefined>;

/** Which question is asked of each operation; each is a method of `Twins`. */
const KINDS = {
  whole: (twins, operation, data) => twins.compare(operation, data),
  failing: (twins, operation, data) => twins.compareFailing(operation, data),
} satisfies Record<string, Compare>;
export type Kind = keyof typeof KINDS;

/** Looks for differences in the worlds of these seeds; ends at the first in each world. Equal seeds find equal things. */
export async function search(
  worlds: readonly number[],
  operationsPerWorld: number,
  how: Kind | Compare = 'whole',
): Promise<Search> {
  const compare: Compare = typeof how === 'string' ? KINDS[how] : how;
  let compared = 0;
  const findings: Finding[] = [];
  for (const world of worlds) {
    const twins = await createTwins(createWorld(world));
    const found = await searchWorld(world, twins);
    if (found) findings.push(found);
  }
  return { compared, findings };

  async function searchWorld(world: number, twins: Twins): Promise<Finding | undefined> {
    let left = operationsPerWorld;
    for (let seed = 0; left > 0; seed++) {
      const operation = randomOperation(twins.schema, seedOf(`${world} ${seed}`));
      if (!twins.isValid(operation)) continue;
      for (let data = 0; data < RUNS && left > 0; data++, left--) {
        compared++;
        const run = { ...operation, variables: randomVariables(operation.query, seedOf(`${seed} ${data}`)) };
        const first = await compare(twins, run, data);
        if (first !== undefined) return minimise(world, twins, run, data);
      }
    }
    return undefined;
  }

  async function minimise(
    world: number,
    twins: Twins,
    operation: RandomOperation,
    data: number,
  ): Promise<Finding> {
    const smallest = await shrink(
      operation,
      async (smaller) => twins.isValid(smaller) && (await compare(twins, smaller, data)) !== undefined,
    );
    const difference = (await compare(twins, smallest, data)) ?? 'gone when run again';
    return { world, data, operation: smallest, difference, fetches: [...twins.engine.fetches] };
  }
}

export function printFinding({ world, data, operation, difference, fetches }: Finding): string {
  const { query, variables } = operation;
  return `world ${world}, data ${data}\n${query}\n${JSON.stringify(variables)}\n${difference}\n${fetches.join('\n')}`;
}
