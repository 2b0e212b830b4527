import type { Context } from 'moleculer';
import { type CloudEvent, originOf } from 'moleculer-durable-events';
import type { Meta } from '../../common/identity.ts';
import { idParam, textParam } from '../../common/params.ts';
import type { Action } from '../../common/service.ts';
import { tell } from '../../common/tell.ts';
import {
  ORDER_CANCELLED,
  ORDER_CONFIRMED,
  orderCancelledEvent,
  orderConfirmedEvent,
  orderPlaced,
  orderShippedEvent,
} from '../events.ts';
import type { Order, Reason } from '../order.ts';
import type { OrdersService } from '../orders.service.ts';

interface Params {
  readonly orderId: string;
  readonly trackingNumber?: string;
  readonly reason?: Reason;
  /** Was the customer's money taken, and paid back? Of a cancelled order. */
  readonly refunded?: boolean;
}

/** The last command of a fulfilment: the order is confirmed, or cancelled for a reason. Again changes nothing. */
export const settle = {
  idempotent: true,
  visibility: 'public',
  params: {
    orderId: idParam,
    trackingNumber: { ...idParam, optional: true },
    reason: {
      type: 'object',
      optional: true,
      strict: true,
      props: { code: textParam(1, 100), message: textParam(0, 1_000) },
    },
    refunded: { type: 'boolean', optional: true },
    $$strict: true,
  },
  async handler(this: OrdersService, ctx: Context<Params, Meta>): Promise<void> {
    const { orderId, reason, refunded = false, trackingNumber = '' } = ctx.params;
    const now = Date.now();
    const origin = originOf(ctx);
    const events = (order: Order): readonly CloudEvent[] => {
      const placed = orderPlaced(order);
      if (reason) {
        const { code: reasonCode, message } = reason;
        const told = { ...placed, reason: message, reasonCode, refunded, cancelledAt: now };
        return [orderCancelledEvent.create(told, origin)];
      }
      const { customerId } = order;
      return [
        orderConfirmedEvent.create({ ...placed, confirmedAt: now }, origin),
        orderShippedEvent.create({ orderId, customerId, trackingNumber, shippedAt: now }, origin),
      ];
    };
    const order = await this.store.settle(orderId, reason ?? null, now, events);
    if (!order) return;
    this.wakeRelay();
    tell(ctx, reason ? ORDER_CANCELLED : ORDER_CONFIRMED, orderPlaced(order));
  },
} satisfies Action<OrdersService>;
