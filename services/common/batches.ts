import DataLoader from 'dataloader';

/** What one transaction takes. */
const MOST = 100;

/**
 * Writes together what is asked for in one turn of the event loop: under load many events are at hand at once, and one statement
 * costs for a hundred rows little more than for one.
 *
 * @param write of all items or none, in no order; safe to call again with an item that was written.
 * @returns writes one item, resolved when it is durable. One that cannot be written rejects alone: where a batch fails, each of its
 *   items is written by itself.
 */
export function inBatches<Item>(
  write: (items: readonly Item[]) => Promise<void>,
): (item: Item) => Promise<void> {
  const alone = (item: Item): Promise<undefined | Error> =>
    write([item]).then(
      () => undefined,
      // The loader tells failures from results by their type.
      (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
    );
  const loader = new DataLoader<Item, undefined>(
    async (items) => {
      if (items.length === 1) return Promise.all(items.map(alone));
      try {
        await write(items);
        return items.map(() => undefined);
      } catch {
        const outcomes: (undefined | Error)[] = [];
        // One after the other: what failed together may have been in each other's way.
        for (const item of items) outcomes.push(await alone(item));
        return outcomes;
      }
    },
    { cache: false, maxBatchSize: MOST },
  );
  return (item) => loader.load(item);
}
