import { seedOrders } from '../common/seed/orders.ts';
import { type Pair, pairsOf } from './pairs.ts';

/** The pairs of each confirmed order of the demonstration that has any. */
export const seedPairs = (): Pair[][] =>
  seedOrders()
    .filter(({ cancelled, lines }) => !cancelled && lines.length > 1)
    .map(({ lines }) => pairsOf(lines.map(({ productId }) => productId)));
