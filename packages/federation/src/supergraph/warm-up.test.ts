import { describe, expect, test } from '@jest/globals';
import { CountedPlanning } from '../../test/support/counted-planning.ts';
import { composeLocally } from '../../test/support/federate.ts';
import { defaultLimits } from '../operation/limits.ts';
import { Generation } from './generation.ts';
import { warmUp } from './warm-up.ts';

/** ms; no test is about what a slow machine does not get done. */
const AMPLE = 60_000;

const A = 'type Query { a: Int b: Int }';

async function generations(oldSdl: string, newSdl: string) {
  const planning = new CountedPlanning();
  const options = { limits: defaultLimits, introspection: true };
  const [previous, next] = await Promise.all(
    [oldSdl, newSdl].map((sdl, index) =>
      Generation.create(index + 1, composeLocally({ a: { sdl } }), options, planning),
    ),
  );
  return { planning, previous: previous!, next: next! };
}

/** Plans as a request does. */
async function ask(
  { operations }: Generation,
  query: string,
  variables = {},
): Promise<'planned' | 'refused'> {
  const prepared = operations.prepare(query, undefined);
  if ('errors' in prepared) return 'refused';
  await prepared.plan(variables);
  return 'planned';
}

describe('warming up', () => {
  test('leaves no plan to be made on the way of a request', async () => {
    const { planning, previous, next } = await generations(A, `${A} type New { a: Int }`);
    const conditional = 'query If($x: Boolean!) { a @skip(if: $x) b }';
    await ask(previous, 'query Plain { a }');
    await ask(previous, conditional, { x: true });
    await ask(previous, conditional, { x: false });
    await warmUp(next, previous, AMPLE);
    const { length } = planning.plans;
    expect(length).toBe(6);
    await ask(next, 'query Plain { a }');
    await ask(next, conditional, { x: true });
    await ask(next, conditional, { x: false });
    expect(planning.plans).toHaveLength(length);
  });

  test('begins with the hottest, and takes no more than a hundred', async () => {
    const { planning, previous, next } = await generations(A, A);
    for (let i = 0; i < 150; i++) await ask(previous, `query Q${i} { a }`);
    for (let i = 0; i < 3; i++) await ask(previous, 'query Q149 { a }');
    for (let i = 0; i < 2; i++) await ask(previous, 'query Q7 { a }');
    planning.plans.length = 0;
    await warmUp(next, previous, AMPLE);
    expect(planning.plans.length).toBeLessThanOrEqual(100);
    expect(planning.plans.slice(0, 2)).toEqual(['Q149', 'Q7']);
  });

  test('carries on what is hot through a swap nobody used', async () => {
    const { planning, previous, next } = await generations(A, A);
    for (let i = 0; i < 8; i++) await ask(previous, 'query Hot { a }');
    await ask(previous, 'query Cold { a }');
    await warmUp(next, previous, AMPLE);
    await ask(next, 'query New { a }');
    expect(next.operations.hottest(2).map(([, { parsed }]) => parsed.operation.name?.value)).toEqual([
      'Hot',
      'New',
    ]);
    expect(planning.plans.filter((name) => name === 'Hot')).toHaveLength(2);
  });

  test('leaves out what does not fit any more', async () => {
    const { planning, previous, next } = await generations(A, 'type Query { a: Int }');
    await ask(previous, 'query Gone { b }');
    await ask(previous, 'query Stays { a }');
    planning.plans.length = 0;
    await warmUp(next, previous, AMPLE);
    expect(planning.plans).toEqual(['Stays']);
    expect(await ask(next, 'query Gone { b }')).toBe('refused');
  });

  test('waits for a planner that hangs only as long as it may', async () => {
    const { planning, previous, next } = await generations(A, A);
    await ask(previous, 'query One { a }');
    await ask(previous, 'query Two { a }');
    planning.onPlan = () => new Promise(() => {});
    await warmUp(next, previous, 20);
    expect(planning.plans.length).toBeLessThanOrEqual(3);
  });
});
