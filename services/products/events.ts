/** What products tells the mesh. Fire-and-forget: a listener that is away misses it, so nothing may depend on it. */
import type { Money } from '../common/money.ts';

export interface ProductPriceChanged {
  readonly productId: string;
  readonly oldPrice: Money;
  readonly newPrice: Money;
  /** Epoch ms. */
  readonly changedAt: number;
}

export const PRODUCT_PRICE_CHANGED = 'product.priceChanged';

/** What products needs of `order.placed`. */
export interface OrderPlaced {
  readonly orderId: string;
  readonly items: readonly { readonly productId: string; readonly quantity: number }[];
}
