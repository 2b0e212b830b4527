import { describe, expect, test } from '@jest/globals';
import { TaskThread } from './task-thread.ts';

const LONG = 60_000;

function start(maxQueue = 10) {
  const thread = new TaskThread<string, string>({
    name: 'echo',
    script: new URL('./fixtures/echo-thread', import.meta.url),
    maxHeap: 32,
    maxQueue,
  });
  return {
    run: (task: string, timeoutMs = LONG) => thread.run(task, timeoutMs),
    urgent: (task: string) => thread.run(task, LONG, true),
    close: () => thread.close(),
    [Symbol.asyncDispose]: () => thread.close(),
  };
}

const threadOf = (reply: string): number => Number(reply.split(' by ')[1]);

describe('a task thread', () => {
  test('takes tasks in order, all in one thread', async () => {
    await using thread = start();
    const replies = await Promise.all(['a', 'b', 'c'].map((task) => thread.run(task)));
    expect(replies.map((reply) => reply[0])).toEqual(['a', 'b', 'c']);
    expect(new Set(replies.map(threadOf)).size).toBe(1);
  });

  test.each([
    ['runs for ever', 'hang', 1, 'timeout'],
    ['throws', 'die', LONG, 'died'],
    ['takes all memory', 'fill', LONG, 'died'],
  ])(
    'a task that %s is rejected alone; those behind it go on in a new thread',
    async (_, task, ms, reason) => {
      await using thread = start();
      const before = await thread.run('before');
      const [bad, ...others] = await Promise.allSettled([
        thread.run(task, ms),
        thread.run('b'),
        thread.run('c'),
      ]);
      expect(bad).toMatchObject({ status: 'rejected', reason: { name: 'ThreadError', reason } });
      expect(others).toMatchObject([
        { status: 'fulfilled', value: expect.stringMatching(/^b by/) },
        { status: 'fulfilled', value: expect.stringMatching(/^c by/) },
      ]);
      expect(threadOf(await thread.run('after'))).not.toBe(threadOf(before));
    },
  );

  test('refuses a task when too many wait, and takes one again when they are done', async () => {
    await using thread = start(2);
    const taken = [thread.run('a'), thread.run('b'), thread.run('c')];
    await expect(thread.run('d')).rejects.toMatchObject({ reason: 'busy' });
    await Promise.all(taken);
    expect(await thread.run('e')).toMatch(/^e/);
  });

  test('takes an urgent task before those that wait, however many they are', async () => {
    await using thread = start(2);
    const order: string[] = [];
    const note = (reply: string) => void order.push(reply[0]!);
    const taken = [thread.run('a'), thread.run('b'), thread.run('c')].map((task) => task.then(note));
    await Promise.all([...taken, thread.urgent('u').then(note)]);
    expect(order).toEqual(['a', 'u', 'b', 'c']);
  });

  test('rejects what runs and what waits when it is closed', async () => {
    await using thread = start();
    const tasks = Promise.allSettled([thread.run('hang'), thread.run('b')]);
    await thread.close();
    for (const outcome of await tasks)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { reason: 'closed' } });
  });
});
