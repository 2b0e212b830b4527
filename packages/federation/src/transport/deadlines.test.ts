import { expect, test } from '@jest/globals';
import { Deadlines } from './deadlines.ts';

test('deadlines expire in time, the one added last too if it is due first', async () => {
  const deadlines = new Deadlines();
  const expired: string[] = [];
  const now = performance.now();
  const all = new Promise<void>((resolve) => {
    const add = (name: string, due: number) =>
      deadlines.add({ due, expire: () => expired.push(name) === 3 && resolve() });
    add('last', now + 60);
    add('first', now + 20);
    add('past', now - 1);
    add('far', now + 1e12);
  });
  const removed = { due: now + 1, expire: () => expired.push('removed') };
  deadlines.add(removed);
  deadlines.remove(removed);
  // What it waits with keeps no process alive.
  const alive = setInterval(() => {}, 1_000);
  await all;
  clearInterval(alive);
  expect(performance.now()).toBeGreaterThanOrEqual(now + 60);
  expect([...expired].sort()).toEqual(['first', 'last', 'past']);
  deadlines.clear();
});
