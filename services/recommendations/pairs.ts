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
