import type { Context } from 'moleculer';
import { shopError } from '../../common/errors.ts';
import type { Meta } from '../../common/identity.ts';
import { idParam } from '../../common/params.ts';
import type { Action } from '../../common/service.ts';
import type { InventoryService } from '../inventory.service.ts';

/** What is reserved for an order is sold: it cannot be released any more. Again changes nothing. For other services. */
export const confirm = {
  idempotent: true,
  visibility: 'public',
  params: { orderId: idParam, $$strict: true },
  /** @throws RESERVATION_RELEASED where nothing is reserved. */
  async handler(this: InventoryService, ctx: Context<{ readonly orderId: string }, Meta>): Promise<void> {
    if (!(await this.store.sell(ctx.params.orderId))) throw shopError('RESERVATION_RELEASED');
  },
} satisfies Action<InventoryService>;
