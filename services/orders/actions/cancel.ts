import type { Context } from 'moleculer';
import { shopError } from '../../common/errors.ts';
import { type Meta, maySee, requireUser } from '../../common/identity.ts';
import { idParam } from '../../common/params.ts';
import type { Action } from '../../common/service.ts';
import type { Order } from '../order.ts';
import { type Cancel, FULFILMENT, type FulfilmentState } from '../order-fulfilment.saga.ts';
import type { OrdersService } from '../orders.service.ts';

/** Has an order undone that is not sent off yet; the order ends cancelled. One that is cancelled stays as it is. */
export const cancel = {
  idempotent: true,
  params: { id: idParam, $$strict: true },
  /** @throws UNAUTHENTICATED, ORDER_NOT_FOUND, ORDER_SHIPPED */
  async handler(this: OrdersService, ctx: Context<{ readonly id: string }, Meta>): Promise<Order> {
    requireUser(ctx);
    const { id } = ctx.params;
    const [order] = await this.store.byIds([id]);
    if (!order || !maySee(ctx.meta, order.customerId)) throw shopError('ORDER_NOT_FOUND');
    if (order.status === 'CANCELLED') return order;
    if (order.status === 'CONFIRMED') throw shopError('ORDER_SHIPPED');
    await this.fulfilment.deliver(this.store.outbox, FULFILMENT, id, { type: 'cancel' } satisfies Cancel);
    // The fulfilment decides: it may have gone further meanwhile.
    const state = (await this.fulfilment.read(FULFILMENT, id))?.state as FulfilmentState | undefined;
    if (!state?.reason) throw shopError('ORDER_SHIPPED');
    const [now] = await this.store.byIds([id]);
    return now ?? order;
  },
} satisfies Action<OrdersService>;
