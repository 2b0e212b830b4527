import { euros } from '../common/money.ts';
import {
  MINUTE,
  ORDERS,
  PRODUCTS,
  productId,
  SEED_TIME,
  seedProduct,
  USERS,
  userId,
} from '../common/seed/cast.ts';
import { random } from '../common/seed/random.ts';
import { draftOrder, type Order } from './order.ts';

/** Some users bought often, some never. */
export function seedOrders(): Order[] {
  return Array.from({ length: ORDERS }, (_, index) => {
    const draw = random('order', index + 1);
    const numbers = new Set(
      Array.from({ length: draw.pick([1, 1, 1, 2, 2, 3, 4]) }, () => draw.integer(1, PRODUCTS)),
    );
    const items = [...numbers].map((n) => ({
      productId: productId(n),
      quantity: draw.pick([1, 1, 1, 1, 2, 3]),
    }));
    const products = [...numbers].map((n) => ({ id: productId(n), price: euros(seedProduct(n).price) }));
    const draft = draftOrder(
      {
        id: `o${index + 1}`,
        customerId: userId(1 + Math.floor(draw.next() ** 1.5 * USERS)),
        createdAt: SEED_TIME - (ORDERS - index) * 900 * MINUTE,
      },
      items,
      products,
    );
    if (draft.kind !== 'order') throw new Error(`seeded order ${index + 1}: ${draft.kind}`);
    return { ...draft.order, status: 'CONFIRMED', settledAt: draft.order.createdAt };
  });
}
