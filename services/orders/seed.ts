import { euros } from '../common/money.ts';
import { type SeedOrder, seedOrders as seeds } from '../common/seed/orders.ts';
import type { Order } from './order.ts';

export const seedOrders = (): Order[] => seeds().map(toOrder);

const toOrder = ({ id, customerId, lines, total, placedAt, settledAt, cancelled }: SeedOrder): Order => ({
  ...{ id, customerId, createdAt: placedAt, settledAt, total: euros(total) },
  lines: lines.map(({ productId, quantity, unitPrice }) => ({
    ...{ productId, quantity, unitPrice: euros(unitPrice) },
  })),
  status: cancelled ? 'CANCELLED' : 'CONFIRMED',
  reason: cancelled && { code: cancelled.code, message: cancelled.message },
});
