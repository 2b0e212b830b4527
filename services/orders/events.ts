/** What orders tells the mesh. Fire-and-forget: a listener that is away misses it, so nothing may depend on it. */
import type { Money } from '../common/money.ts';
import type { Order, OrderedItem } from './order.ts';

export interface OrderPlaced {
  readonly orderId: string;
  readonly customerId: string;
  readonly items: readonly OrderedItem[];
  readonly total: Money;
  /** Epoch ms. */
  readonly placedAt: number;
}

export const ORDER_PLACED = 'order.placed';

export function orderPlaced({ id, customerId, lines, total, createdAt }: Order): OrderPlaced {
  const items = lines.map(({ productId, quantity }) => ({ productId, quantity }));
  return { orderId: id, customerId, items, total, placedAt: createdAt };
}
