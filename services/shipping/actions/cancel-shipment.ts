import type { Context } from 'moleculer';
import { idParam } from '../../common/params.ts';
import type { Action } from '../../common/service.ts';
import type { ShippingService } from '../shipping.service.ts';

interface Params {
  readonly orderId: string;
  readonly customerId: string;
}

/** Undoes `createShipment`, also one that is yet to arrive; again changes nothing. For other services. */
export const cancelShipment = {
  idempotent: true,
  visibility: 'public',
  params: { orderId: idParam, customerId: idParam, $$strict: true },
  async handler(this: ShippingService, ctx: Context<Params>): Promise<void> {
    const { orderId, customerId } = ctx.params;
    await this.store.shipments.cancel(orderId, customerId, Date.now());
  },
} satisfies Action<ShippingService>;
