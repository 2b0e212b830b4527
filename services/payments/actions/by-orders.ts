import type { Context } from 'moleculer';
import { type Meta, maySee } from '../../common/identity.ts';
import { idsParam } from '../../common/params.ts';
import type { Action } from '../../common/service.ts';
import type { Payment } from '../payment-store.ts';
import type { PaymentsService } from '../payments.service.ts';

export interface OrderPayment {
  /** The order's. */
  readonly id: string;
  /** Null where none was tried, or the caller may not see it. */
  readonly payment: Payment | null;
}

/** One for each order, in their order. */
export const byOrders = {
  idempotent: true,
  params: { orderIds: idsParam, $$strict: true },
  async handler(
    this: PaymentsService,
    ctx: Context<{ readonly orderIds: readonly string[] }, Meta>,
  ): Promise<OrderPayment[]> {
    const { orderIds } = ctx.params;
    const seen = (await this.store.byOrders(orderIds)).filter(({ customerId }) =>
      maySee(ctx.meta, customerId),
    );
    const payments = new Map(seen.map((payment) => [payment.orderId, payment]));
    return orderIds.map((id) => ({ id, payment: payments.get(id) ?? null }));
  },
} satisfies Action<PaymentsService>;
