/**
 * The demonstration's orders by number, the same in every service: each fills its own store with what it would have heard
 * of them, as if it had listened all along.
 */
import { MINUTE, ORDERS, PRODUCTS, productId, SEED_TIME, seedProduct, USERS, userId } from './cast.ts';
import { type Random, random } from './random.ts';

export interface SeedOrder {
  readonly id: string;
  readonly customerId: string;
  readonly lines: readonly SeedLine[];
  /** Cents. */
  readonly total: number;
  /** Epoch ms. */
  readonly placedAt: number;
  /** Epoch ms. */
  readonly settledAt: number;
  /** Null: it was confirmed and shipped. */
  readonly cancelled: SeedCancellation | null;
  /** Null where it was cancelled. */
  readonly trackingNumber: string | null;
}

export interface SeedLine {
  readonly productId: string;
  readonly quantity: number;
  /** Cents. */
  readonly unitPrice: number;
}

export interface SeedCancellation {
  readonly code: string;
  readonly message: string;
  /** How the payment ended; null where none was tried. */
  readonly payment: 'declined' | 'voided' | 'refunded' | null;
}

/** Order `n`, 1 to ORDERS; a higher number is a later order. Some users bought often, some never. */
export function seedOrder(n: number): SeedOrder {
  const draw = random('order', n);
  const numbers = new Set(
    Array.from({ length: draw.pick([1, 1, 1, 2, 2, 3, 4]) }, () => draw.integer(1, PRODUCTS)),
  );
  const lines = [...numbers].map((product) => ({
    productId: productId(product),
    quantity: draw.pick([1, 1, 1, 1, 2, 3]),
    unitPrice: seedProduct(product).price,
  }));
  const placedAt = SEED_TIME - (ORDERS + 1 - n) * 900 * MINUTE;
  // Other numbers for what was added later, so that what was there before stays as it was.
  const end = random('order end', n);
  const cancelled = drawCancellation(end);
  return {
    id: `o${n}`,
    customerId: userId(1 + Math.floor(draw.next() ** 1.5 * USERS)),
    lines,
    total: lines.reduce((sum, { unitPrice, quantity }) => sum + unitPrice * quantity, 0),
    placedAt,
    settledAt: placedAt + end.integer(1, 4) * 1_000,
    cancelled,
    trackingNumber: cancelled ? null : `SH${end.integer(10 ** 11, 10 ** 12 - 1)}`,
  };
}

export const seedOrders = (): SeedOrder[] =>
  Array.from({ length: ORDERS }, (_, index) => seedOrder(index + 1));

/** One order in eight or so comes to nothing. */
function drawCancellation(draw: Random): SeedCancellation | null {
  return draw.next() < 0.88 ? null : draw.pick(CANCELLATIONS);
}

const CANCELLATIONS: readonly SeedCancellation[] = [
  { code: 'PAYMENT_DECLINED', message: 'The payment was declined.', payment: 'declined' },
  { code: 'PAYMENT_DECLINED', message: 'The payment was declined.', payment: 'declined' },
  { code: 'CUSTOMER_CANCELLED', message: 'The customer cancelled it.', payment: 'refunded' },
  { code: 'CUSTOMER_CANCELLED', message: 'The customer cancelled it.', payment: 'voided' },
  { code: 'OUT_OF_STOCK', message: 'Another customer was faster.', payment: null },
  {
    code: 'NOT_SHIPPABLE',
    message: 'No way of shipping takes a parcel of this weight.',
    payment: 'refunded',
  },
];
