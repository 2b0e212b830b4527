import { expect, test } from '@jest/globals';
import { Outbox, type Outgoing } from './outbox.ts';

const message = (subject: string): Outgoing => ({ subject, data: new Uint8Array(), reply: undefined });

const turnOfLoop = () => new Promise<void>((resolve) => setImmediate(resolve));

/** An outbox, and the subjects that left it, those of one callback together. */
function watched() {
  const sent: string[] = [];
  const outbox = new Outbox(({ subject }) => sent.push(subject));
  return { outbox, sent };
}

test('messages of one turn of the loop leave at its end, in their order', async () => {
  const { outbox, sent } = watched();
  outbox.add(message('a'));
  await Promise.resolve();
  outbox.add(message('b'));
  expect(sent).toEqual([]);
  await turnOfLoop();
  expect(sent).toEqual(['a', 'b']);
  outbox.add(message('c'));
  await turnOfLoop();
  expect(sent).toEqual(['a', 'b', 'c']);
});

test('a flush sends what waits at once, and nothing is sent twice', async () => {
  const { outbox, sent } = watched();
  outbox.add(message('a'));
  outbox.flush();
  outbox.add(message('b'));
  expect(sent).toEqual(['a']);
  await turnOfLoop();
  expect(sent).toEqual(['a', 'b']);
});

test('many do not wait for the end of a long turn', async () => {
  const { outbox, sent } = watched();
  const subjects = Array.from({ length: 100 }, (_, index) => String(index));
  for (const subject of subjects) outbox.add(message(subject));
  expect(sent.length).toBeGreaterThan(50);
  await turnOfLoop();
  expect(sent).toEqual(subjects);
});
