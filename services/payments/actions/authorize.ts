import type { Context } from 'moleculer';
import { shopError } from '../../common/errors.ts';
import type { CommandMeta } from '../../common/order-command.ts';
import type { Action } from '../../common/service.ts';
import type { PaymentsService } from '../payments.service.ts';
import { type PaymentParams, paymentParams, perform } from '../perform.ts';

/** Has the provider hold the money of an order. For other services. */
export const authorize = {
  idempotent: true,
  visibility: 'public',
  params: paymentParams,
  /** @throws PAYMENT_DECLINED, PAYMENT_NOT_OPEN (undone before it was done), IDEMPOTENCY_CONFLICT */
  async handler(this: PaymentsService, ctx: Context<PaymentParams, CommandMeta>): Promise<void> {
    const status = await perform(this, ctx, 'authorize');
    if (status === 'declined') throw shopError('PAYMENT_DECLINED');
    if (status !== 'authorized' && status !== 'captured') throw shopError('PAYMENT_NOT_OPEN');
  },
} satisfies Action<PaymentsService>;
