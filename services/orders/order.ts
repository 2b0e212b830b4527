import type { Money } from '../common/money.ts';

export interface OrderedItem {
  readonly productId: string;
  readonly quantity: number;
}

export interface OrderLine extends OrderedItem {
  /** As it was when the order was placed; later changes of the product's price leave it alone. */
  readonly unitPrice: Money;
}

export interface Order {
  readonly id: string;
  readonly customerId: string;
  readonly lines: readonly OrderLine[];
  readonly total: Money;
  /** Epoch ms. */
  readonly createdAt: number;
}

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
  return { kind: 'order', order: { ...head, lines, total: sum(lines) } };
}

function sum(lines: readonly OrderLine[]): Money {
  const [first] = lines;
  if (!first) throw new RangeError('an order has at least one line');
  const amount = lines.reduce((total, line) => total + line.unitPrice.amount * line.quantity, 0);
  return { amount, currency: first.unitPrice.currency };
}
