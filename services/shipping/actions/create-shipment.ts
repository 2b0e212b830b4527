import { randomInt } from 'node:crypto';
import type { Context } from 'moleculer';
import { shopError } from '../../common/errors.ts';
import { CURRENCY } from '../../common/money.ts';
import { idParam, itemsParam } from '../../common/params.ts';
import type { Action } from '../../common/service.ts';
import { type Cart, parcelOf } from '../parcel-of.ts';
import { quotesFor } from '../quote.ts';
import type { ShippingService } from '../shipping.service.ts';

interface Params extends Cart {
  readonly orderId: string;
  readonly customerId: string;
}

/** Sends an order off, the cheapest way. Again for the same order it answers with the same parcel. For other services. */
export const createShipment = {
  idempotent: true,
  visibility: 'public',
  params: { orderId: idParam, customerId: idParam, items: itemsParam, $$strict: true },
  /** @throws PRODUCT_NOT_FOUND, NOT_SHIPPABLE, SHIPMENT_CANCELLED (also before it was made) */
  async handler(this: ShippingService, ctx: Context<Params>): Promise<{ trackingNumber: string }> {
    const { orderId, customerId } = ctx.params;
    const [quote] = quotesFor(await parcelOf(ctx), await this.store.rates.all(), CURRENCY);
    if (!quote) throw shopError('NOT_SHIPPABLE');
    const { status, trackingNumber } = await this.store.shipments.create({
      ...{ orderId, customerId, status: 'created', method: quote.method },
      trackingNumber: `SH${randomInt(10 ** 11, 10 ** 12)}`,
      updatedAt: Date.now(),
    });
    if (status === 'cancelled' || trackingNumber === null) throw shopError('SHIPMENT_CANCELLED');
    return { trackingNumber };
  },
} satisfies Action<ShippingService>;
