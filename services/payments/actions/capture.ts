import type { Context } from 'moleculer';
import { shopError } from '../../common/errors.ts';
import type { CommandMeta } from '../../common/order-command.ts';
import type { Action } from '../../common/service.ts';
import type { PaymentsService } from '../payments.service.ts';
import { type PaymentParams, paymentParams, perform } from '../perform.ts';

/** Takes the money that is held. For other services. */
export const capture = {
  idempotent: true,
  visibility: 'public',
  params: paymentParams,
  /** @throws PAYMENT_NOT_OPEN, IDEMPOTENCY_CONFLICT */
  async handler(this: PaymentsService, ctx: Context<PaymentParams, CommandMeta>): Promise<void> {
    if ((await perform(this, ctx, 'capture')) !== 'captured') throw shopError('PAYMENT_NOT_OPEN');
  },
} satisfies Action<PaymentsService>;
