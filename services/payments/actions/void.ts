import type { Context } from 'moleculer';
import type { CommandMeta } from '../../common/order-command.ts';
import type { Action } from '../../common/service.ts';
import type { PaymentsService } from '../payments.service.ts';
import { type PaymentParams, paymentParams, perform } from '../perform.ts';

/** Lets go of the money that is held, and of what may yet be authorized. Money that was taken is for `refund`. For other services. */
export const voidPayment = {
  idempotent: true,
  visibility: 'public',
  params: paymentParams,
  /** @throws IDEMPOTENCY_CONFLICT */
  async handler(this: PaymentsService, ctx: Context<PaymentParams, CommandMeta>): Promise<void> {
    await perform(this, ctx, 'void');
  },
} satisfies Action<PaymentsService>;
