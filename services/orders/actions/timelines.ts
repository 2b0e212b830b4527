import type { Context } from 'moleculer';
import { type Meta, maySee } from '../../common/identity.ts';
import { idsParam } from '../../common/params.ts';
import type { Action } from '../../common/service.ts';
import { FULFILMENT } from '../order-fulfilment.saga.ts';
import { type TimelineEntry, timelineOf } from '../order-timeline.ts';
import type { OrdersService } from '../orders.service.ts';

export interface OrderTimeline {
  /** The order's. */
  readonly id: string;
  readonly timeline: readonly TimelineEntry[];
}

/** What happened to these orders; those that do not exist, or the caller may not see, are left out. In no order. */
export const timelines = {
  idempotent: true,
  params: { ids: idsParam, $$strict: true },
  async handler(
    this: OrdersService,
    ctx: Context<{ readonly ids: readonly string[] }, Meta>,
  ): Promise<OrderTimeline[]> {
    const orders = (await this.store.byIds(ctx.params.ids)).filter(({ customerId }) =>
      maySee(ctx.meta, customerId),
    );
    return Promise.all(
      orders.map(async (order) => ({
        id: order.id,
        timeline: timelineOf(order, await this.fulfilment.read(FULFILMENT, order.id)),
      })),
    );
  },
} satisfies Action<OrdersService>;
