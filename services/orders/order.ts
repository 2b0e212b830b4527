import type { Money } from '../common/money.ts';

export interface OrderedItem {
  readonly productId: string;
  readonly quantity: number;
}

export interface OrderLine extends OrderedItem {
  /** As it was when the order was placed; later changes of the product's price leave it alone. */
  readonly unitPrice: Money;
}

/** `PENDING` until its fulfilment has ended; the others are final. */
export type OrderStatus = 'PENDING' | 'CONFIRMED' | 'CANCELLED';

/** Why an order was cancelled: a code to build on, a message for people. */
export interface Reason {
  readonly code: string;
  readonly message: string;
}

export interface Order {
  readonly id: string;
  readonly customerId: string;
  readonly lines: readonly OrderLine[];
  readonly total: Money;
  /** Epoch ms, as all times here. */
  readonly createdAt: number;
  readonly status: OrderStatus;
  /** Null unless cancelled. */
  readonly reason: Reason | null;
  /** When it became final; null while it is not. */
  readonly settledAt: number | null;
}

/** How an order ends: shipped, or given up. */
export type Settlement = { readonly trackingNumber: string } | { readonly reason: Reason };

/** What an order needs to know of a product. */
export interface PricedProduct {
  readonly id: string;
  readonly price: Money;
}

export type Draft =
  | { readonly kind: 'order'; readonly order: Order }
  | { readonly kind: 'unknown product'; readonly productId: string }
  | { readonly kind: 'product twice'; readonly productId: string };

/** Prices the items. Two lines of one product are refused: a client that sends them has counted wrongly. */
export function draftOrder(
  head: Pick<Order, 'id' | 'customerId' | 'createdAt'>,
  items: readonly OrderedItem[],
  products: readonly PricedProduct[],
): Draft {
  const prices = new Map(products.map(({ id, price }) => [id, price]));
  const lines: OrderLine[] = [];
  for (const { productId, quantity } of items) {
    const unitPrice = prices.get(productId);
    if (!unitPrice) return { kind: 'unknown product', productId };
    if (lines.some((line) => line.productId === productId)) return { kind: 'product twice', productId };
    lines.push({ productId, quantity, unitPrice });
  }
  const order: Order = {
    ...{ ...head, lines, total: sum(lines) },
    ...{ status: 'PENDING', reason: null, settledAt: null },
  };
  return { kind: 'order', order };
}

function sum(lines: readonly OrderLine[]): Money {
  const [first] = lines;
  if (!first) throw new RangeError('an order has at least one line');
  const amount = lines.reduce((total, line) => total + line.unitPrice.amount * line.quantity, 0);
  return { amount, currency: first.unitPrice.currency };
}
