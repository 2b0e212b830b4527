/** Which products of an order count as bought together. */

/** Every ordered pair of two different products: what was bought with `productId`. */
export interface Pair {
  readonly productId: string;
  readonly otherId: string;
}

/** Sorted, so that transactions lock rows in one order. An order has at most 20 lines, hence at most 380 pairs. */
export function pairsOf(productIds: readonly string[]): Pair[] {
  const ids = [...new Set(productIds)].sort();
  return ids.flatMap((productId) =>
    ids.filter((otherId) => otherId !== productId).map((otherId) => ({ productId, otherId })),
  );
}

/** In how many orders a pair was. */
export interface CountedPair extends Pair {
  readonly orders: number;
}

/** Each pair once, sorted as `pairsOf` does. @param pairs of any number of orders. */
export function countPairs(pairs: readonly Pair[]): CountedPair[] {
  const byProduct = Map.groupBy(pairs, ({ productId }) => productId);
  return [...byProduct]
    .toSorted(byKey)
    .flatMap(([productId, ofProduct]) =>
      [...Map.groupBy(ofProduct, ({ otherId }) => otherId)]
        .toSorted(byKey)
        .map(([otherId, { length: orders }]) => ({ productId, otherId, orders })),
    );
}

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]) => (a < b ? -1 : 1);
