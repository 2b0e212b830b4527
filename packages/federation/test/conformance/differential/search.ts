import { createWorld } from './create-world.ts';
import { createTwins, type Twins } from './differ.ts';
import { seedOf } from './random.ts';
import { type RandomOperation, randomOperation } from './random-operation.ts';
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
  readonly composed: number;
  readonly findings: readonly Finding[];
}

/** Sets of data over which each operation runs: a plan is made once, and meets other nulls, types and failures each time. */
const DATA_SETS = 2;

type Compare = (twins: Twins, operation: RandomOperation, data: number) => Promise<string | undefined>;

/** Looks for differences in the worlds of these seeds; ends at the first in each world. Equal seeds find equal things. */
export async function search(
  worlds: readonly number[],
  operationsPerWorld: number,
  compare: Compare = (twins, operation, data) => twins.compare(operation, data),
): Promise<Search> {
  let compared = 0;
  let composed = 0;
  const findings: Finding[] = [];
  for (const world of worlds) {
    await using twins = await createTwins(createWorld(world));
    if (!twins) continue;
    composed++;
    const found = await searchWorld(world, twins);
    if (found) findings.push(found);
  }
  return { compared, composed, findings };

  async function searchWorld(world: number, twins: Twins): Promise<Finding | undefined> {
    let left = operationsPerWorld;
    for (let seed = 0; left > 0; seed++) {
      const operation = randomOperation(twins.schema, seedOf(`${world} ${seed}`));
      if (!twins.isValid(operation)) continue;
      for (let data = 0; data < DATA_SETS; data++, left--) {
        compared++;
        const first = await compare(twins, operation, data);
        if (first !== undefined) return minimise(world, twins, operation, data);
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
    const fetches = twins.federation.fetches.map(
      ({ subgraph, query, variables }) => `${subgraph} ${query} ${JSON.stringify(variables)}`,
    );
    return { world, data, operation: smallest, difference, fetches };
  }
}

export function printFinding({ world, data, operation, difference, fetches }: Finding): string {
  const { query, variables } = operation;
  return `world ${world}, data ${data}\n${query}\n${JSON.stringify(variables)}\n${difference}\n${fetches.join('\n')}`;
}
