import { expect, test } from '@jest/globals';
import { watchCatalogue } from './catalogue-watch.ts';

/** Plays the answers in order, then ends the watch; records what it was asked and told. */
async function play(
  answers: Array<{ index: bigint; body?: unknown } | Error>,
  reject?: (body: unknown) => boolean,
) {
  const end = new AbortController();
  const asked: bigint[] = [];
  const told: Array<{ body: unknown; recovered: boolean }> = [];
  const failures: unknown[] = [];
  await watchCatalogue(
    {
      async query(index) {
        asked.push(index);
        const answer = answers.shift();
        if (answer instanceof Error) throw answer;
        if (!answer) {
          end.abort();
          return { index, body: undefined };
        }
        return { index: answer.index, body: answer.body };
      },
      async answered(body, recovered) {
        told.push({ body, recovered });
        if (reject?.(body)) throw new Error('not taken');
      },
      failed: (error) => failures.push(error),
    },
    end.signal,
  );
  return { asked, told, failures };
}

test('each query waits for a change after the answer before', async () => {
  const { asked } = await play([{ index: 5n }, { index: 9n }, { index: 9n }]);
  expect(asked).toEqual([0n, 5n, 9n, 9n]);
});

test('an index that goes back starts over, and is told as a recovery', async () => {
  const { asked, told } = await play([{ index: 50n }, { index: 3n }, { index: 3n }]);
  expect(asked).toEqual([0n, 50n, 0n, 3n]);
  expect(told.map(({ recovered }) => recovered)).toEqual([false, true, false]);
});

test('an answer with index 0 never makes a query that does not block', async () => {
  const { asked } = await play([{ index: 0n }, { index: 0n }]);
  expect(asked).toEqual([0n, 1n, 0n]);
});

test('after a failure the index is forgotten and the next answer is told as a recovery', async () => {
  const { asked, told, failures } = await play([{ index: 7n }, new Error('gone'), { index: 4n }]);
  expect(asked).toEqual([0n, 7n, 0n, 4n]);
  expect(told.map(({ recovered }) => recovered)).toEqual([false, true]);
  expect(failures).toHaveLength(1);
});

test('an answer that could not be worked on is asked for again', async () => {
  let refusals = 1;
  const { asked } = await play([{ index: 7n }, { index: 7n }], () => refusals-- > 0);
  expect(asked).toEqual([0n, 0n, 7n]);
});
