/** What a gateway holds on to, after many requests and many generations. `npm run bench -- soak` is the long version. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import { composeLocally } from '../../test/support/federate.ts';
import { executeOperationToText } from '../execution/execute-operation.ts';
import { defaultLimits } from '../operation/limits.ts';
import { LocalPlanning } from '../planning/local-planning.ts';
import type { SubgraphTransport } from '../transport/transport.ts';
import { Generation } from './generation.ts';
import { turnOfLoop } from './turn-of-loop.ts';
import { warmUp } from './warm-up.ts';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

const transport: SubgraphTransport = {
  kind: 'http',
  fetch: async () => ({ data: { a: 1 } }),
  close: async () => {},
};
const transports = new Map([[transport.kind, transport]]);

async function ask(generation: Generation, query: string): Promise<string | undefined> {
  const prepared = generation.operations.prepare(query, undefined);
  if ('errors' in prepared) throw prepared.errors[0];
  const { data } = await generation.run(() =>
    executeOperationToText({
      generation,
      transports,
      prepared,
      variables: {},
      context: {},
      executor: 'compiled',
    }),
  );
  return data;
}

test('old generations are let go, and what is kept of operations is bounded', async () => {
  const planning = new LocalPlanning();
  const options = { limits: defaultLimits, introspection: true };
  const create = (id: number) =>
    Generation.create(
      id,
      composeLocally({ a: { sdl: `type Query { a: Int v${id}: Int }` } }),
      options,
      planning,
    );

  const old: WeakRef<Generation>[] = [];
  let current = await create(0);
  for (let id = 1; id <= 20; id++) {
    const answers = new Set<string | undefined>();
    for (let i = 0; i < 200; i++) answers.add(await ask(current, `query Q${i % 20} { a }`));
    expect([...answers]).toEqual(['{"a":1}']);
    const next = await create(id);
    await warmUp(next, current);
    old.push(new WeakRef(current));
    await new Promise<void>((resolve) => current.retire(resolve));
    current = next;
  }
  const alive = () => old.filter((generation) => generation.deref() !== undefined).length;
  // A weak reference that was looked at holds on until the turn ends.
  for (let tries = 0; tries < 50 && alive() > 0; tries++) {
    await turnOfLoop();
    collect();
    await turnOfLoop();
  }
  expect(alive()).toBe(0);

  const padding = ' '.repeat(1_000_000);
  for (let i = 0; i < 12; i++) current.operations.prepare(`query Long${i} { a }${padding}`, undefined);
  const kept = current.operations.hottest(Number.POSITIVE_INFINITY);
  expect(kept.reduce((characters, [text]) => characters + text.length, 0)).toBeLessThan(8.4e6);
});
