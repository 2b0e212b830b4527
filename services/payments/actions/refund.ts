import type { Context } from 'moleculer';
import type { CommandMeta } from '../../common/order-command.ts';
import type { Action } from '../../common/service.ts';
import type { PaymentsService } from '../payments.service.ts';
import { type PaymentParams, paymentParams, perform } from '../perform.ts';

/**
 * Pays back what was taken; where nothing was, nothing can be any more. For other services.
 *
 * @returns whether money went back.
 */
export const refund = {
  idempotent: true,
  visibility: 'public',
  params: paymentParams,
  /** @throws IDEMPOTENCY_CONFLICT */
  async handler(
    this: PaymentsService,
    ctx: Context<PaymentParams, CommandMeta>,
  ): Promise<{ refunded: boolean }> {
    return { refunded: (await perform(this, ctx, 'refund')) === 'refunded' };
  },
} satisfies Action<PaymentsService>;
