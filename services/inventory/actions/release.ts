import type { Context } from 'moleculer';
import type { Meta } from '../../common/identity.ts';
import { idParam } from '../../common/params.ts';
import type { Action } from '../../common/service.ts';
import type { InventoryService } from '../inventory.service.ts';

/** Undoes `reserve`, also one that is yet to arrive; again changes nothing. For other services. */
export const release = {
  idempotent: true,
  visibility: 'public',
  params: { orderId: idParam, $$strict: true },
  async handler(this: InventoryService, ctx: Context<{ readonly orderId: string }, Meta>): Promise<void> {
    await this.announce(ctx, await this.store.release(ctx.params.orderId));
  },
} satisfies Action<InventoryService>;
