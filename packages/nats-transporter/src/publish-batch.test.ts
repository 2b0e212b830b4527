import { expect, test } from '@jest/globals';
import { type Outgoing, PublishBatch } from './publish-batch.ts';

const message = (subject: string): Outgoing => ({ subject, data: new Uint8Array(), reply: undefined });

const turnOfLoop = () => new Promise<void>((resolve) => setImmediate(resolve));

/** An batch, and the subjects that left it, those of one callback together. */
function watched() {
  const sent: string[] = [];
  const batch = new PublishBatch(({ subject }) => sent.push(subject));
  return { batch, sent };
}

test('messages of one turn of the loop leave at its end, in their order', async () => {
  const { batch, sent } = watched();
  batch.add(message('a'));
  await Promise.resolve();
  batch.add(message('b'));
  expect(sent).toEqual([]);
  await turnOfLoop();
  expect(sent).toEqual(['a', 'b']);
  batch.add(message('c'));
  await turnOfLoop();
  expect(sent).toEqual(['a', 'b', 'c']);
});

test('a flush sends what waits at once, and nothing is sent twice', async () => {
  const { batch, sent } = watched();
  batch.add(message('a'));
  batch.flush();
  batch.add(message('b'));
  expect(sent).toEqual(['a']);
  await turnOfLoop();
  expect(sent).toEqual(['a', 'b']);
});

test('many do not wait for the end of a long turn', async () => {
  const { batch, sent } = watched();
  const subjects = Array.from({ length: 100 }, (_, index) => String(index));
  for (const subject of subjects) batch.add(message(subject));
  expect(sent.length).toBeGreaterThan(50);
  await turnOfLoop();
  expect(sent).toEqual(subjects);
});
