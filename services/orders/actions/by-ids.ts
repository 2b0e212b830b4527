import type { Context } from 'moleculer';
import { type Meta, maySee } from '../../common/identity.ts';
import { idsParam } from '../../common/params.ts';
import type { Action } from '../../common/service.ts';
import type { Order } from '../order.ts';
import type { OrdersService } from '../orders.service.ts';

/** Of these orders those that exist and the caller may see, in no order: somebody else's look as if they were not. */
export const byIds = {
  idempotent: true,
  params: { ids: idsParam, $$strict: true },
  async handler(
    this: OrdersService,
    ctx: Context<{ readonly ids: readonly string[] }, Meta>,
  ): Promise<Order[]> {
    const orders = await this.store.byIds(ctx.params.ids);
    return orders.filter(({ customerId }) => maySee(ctx.meta, customerId));
  },
} satisfies Action<OrdersService>;
