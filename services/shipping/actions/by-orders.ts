import type { Context } from 'moleculer';
import { type Meta, maySee } from '../../common/identity.ts';
import { idsParam } from '../../common/params.ts';
import type { Action } from '../../common/service.ts';
import type { Shipment } from '../shipment.ts';
import type { ShippingService } from '../shipping.service.ts';

export interface OrderShipment {
  /** The order's. */
  readonly id: string;
  /** Null where there was none, or the caller may not see it. */
  readonly shipment: Shipment | null;
}

/** One for each order, in their order. */
export const byOrders = {
  idempotent: true,
  params: { orderIds: idsParam, $$strict: true },
  async handler(
    this: ShippingService,
    ctx: Context<{ readonly orderIds: readonly string[] }, Meta>,
  ): Promise<OrderShipment[]> {
    const { orderIds } = ctx.params;
    const made = (await this.store.shipments.byOrders(orderIds)).filter(
      ({ customerId, trackingNumber }) => trackingNumber !== null && maySee(ctx.meta, customerId),
    );
    const shipments = new Map(made.map((shipment) => [shipment.orderId, shipment]));
    return orderIds.map((id) => ({ id, shipment: shipments.get(id) ?? null }));
  },
} satisfies Action<ShippingService>;
