import type { Context } from 'moleculer';
import { type Meta, requireAdmin } from '../../common/identity.ts';
import { euros, type Money } from '../../common/money.ts';
import type { Action } from '../../common/service.ts';
import type { PaymentsService } from '../payments.service.ts';

/** What the provider's own ledger says: for the books, which must agree with the orders. */
export const totals = {
  idempotent: true,
  params: { $$strict: true },
  /** @throws UNAUTHENTICATED, FORBIDDEN */
  async handler(
    this: PaymentsService,
    ctx: Context<unknown, Meta>,
  ): Promise<{ captured: Money; refunded: Money }> {
    requireAdmin(ctx);
    const { captured, refunded } = await this.provider.totals();
    return { captured: euros(captured), refunded: euros(refunded) };
  },
} satisfies Action<PaymentsService>;
