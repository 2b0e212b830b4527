import { randomUUID } from 'node:crypto';
import type { Context } from 'moleculer';
import { originOf } from 'moleculer-durable-events';
import { shopError } from '../../common/errors.ts';
import { type Meta, requireUser } from '../../common/identity.ts';
import { itemsParam } from '../../common/params.ts';
import type { Action } from '../../common/service.ts';
import { tell } from '../../common/tell.ts';
import { ORDER_PLACED, orderPlaced, orderPlacedEvent } from '../events.ts';
import { draftOrder, type Order, type OrderedItem, type PricedProduct } from '../order.ts';
import type { OrdersService } from '../orders.service.ts';

/**
 * Prices the items, takes them off the shelf, keeps the order, tells the mesh: one after another, while the customer
 * waits. When this process dies between reserving and keeping, or a reservation arrives after it was taken back, the
 * pieces stay reserved for nobody; an order that must survive that needs a durable workflow, which this is not yet.
 */
export const place = {
  params: { items: itemsParam, $$strict: true },
  /** @throws UNAUTHENTICATED, PRODUCT_NOT_FOUND, PRODUCT_TWICE, OUT_OF_STOCK */
  async handler(
    this: OrdersService,
    ctx: Context<{ readonly items: readonly OrderedItem[] }, Meta>,
  ): Promise<Order> {
    const user = requireUser(ctx);
    const { items } = ctx.params;
    const ids = [...new Set(items.map(({ productId }) => productId))];
    // Not from a cache: what the customer pays is today's price.
    const products = await ctx.call<PricedProduct[], object>(
      'products.byIds',
      { ids },
      { meta: { $cache: false } },
    );
    const head = { id: `o${randomUUID()}`, customerId: user.id, createdAt: Date.now() };
    const draft = draftOrder(head, items, products);
    if (draft.kind === 'unknown product')
      throw shopError('PRODUCT_NOT_FOUND', `There is no product '${draft.productId}'.`);
    if (draft.kind === 'product twice')
      throw shopError(
        'PRODUCT_TWICE',
        `Product '${draft.productId}' stands on two lines; one with the sum will do.`,
      );

    const { order } = draft;
    const told = orderPlaced(order);
    const event = orderPlacedEvent.create(told, originOf(ctx));
    try {
      await ctx.call('inventory.reserve', { orderId: order.id, items });
      await this.store.add(order, event);
    } catch (error) {
      // Also where `reserve` itself failed: after a timeout nobody knows whether it happened.
      await ctx.call('inventory.release', { orderId: order.id }).catch((failure: unknown) => {
        this.logger.error(`order ${order.id}: its reservation could not be taken back`, failure);
      });
      throw error;
    }
    this.wakeRelay();
    tell(ctx, ORDER_PLACED, told);
    return order;
  },
} satisfies Action<OrdersService>;
