import type { Context } from 'moleculer';
import { shopError } from '../../common/errors.ts';
import type { Meta } from '../../common/identity.ts';
import { idParam, itemsParam } from '../../common/params.ts';
import type { Action } from '../../common/service.ts';
import type { InventoryService } from '../inventory.service.ts';
import type { OrderedItem } from '../stock.ts';

interface Params {
  readonly orderId: string;
  readonly items: readonly OrderedItem[];
}

/** Takes an order's items off the shelf, all or none. The same order again changes nothing. For other services. */
export const reserve = {
  idempotent: true,
  visibility: 'public',
  params: { orderId: idParam, items: itemsParam, $$strict: true },
  /** @throws OUT_OF_STOCK, RESERVATION_RELEASED */
  async handler(this: InventoryService, ctx: Context<Params, Meta>): Promise<void> {
    const outcome = await this.store.reserve(ctx.params.orderId, ctx.params.items);
    if (outcome.kind === 'out of stock') {
      const { id, available } = outcome.missing;
      throw shopError('OUT_OF_STOCK', `Only ${available} of product '${id}' are available.`);
    }
    if (outcome.kind === 'released') throw shopError('RESERVATION_RELEASED');
    await this.announce(ctx, outcome.changed);
  },
} satisfies Action<InventoryService>;
