import type { Context } from 'moleculer';
import type { Money } from '../common/money.ts';
import { type CommandMeta, idempotencyKey } from '../common/order-command.ts';
import { idParam } from '../common/params.ts';
import type { ChargeState, Operation } from './charge.ts';
import type { PaymentsService } from './payments.service.ts';

/** What every operation takes: all there is to know, so that what undoes need not find what it undoes. */
export interface PaymentParams {
  readonly orderId: string;
  readonly customerId: string;
  readonly amount: Money;
  /** Only an authorization needs it. */
  readonly token?: string;
}

export const paymentParams = {
  orderId: idParam,
  customerId: idParam,
  amount: {
    type: 'object',
    strict: true,
    props: {
      amount: { type: 'number', integer: true, min: 0, max: 2 ** 31 - 1 },
      currency: { type: 'string', length: 3 },
    },
  },
  token: { ...idParam, optional: true },
  $$strict: true,
} as const;

/** Has the provider do it, under the command's key, and notes the answer. @throws IDEMPOTENCY_CONFLICT */
export async function perform(
  service: PaymentsService,
  ctx: Context<PaymentParams, CommandMeta>,
  operation: Operation,
): Promise<ChargeState | undefined> {
  const { orderId, customerId, amount, token = '' } = ctx.params;
  const charge = { reference: orderId, amount, token };
  const status = await service.provider.request(idempotencyKey(ctx), operation, charge);
  if (status) await service.store.note({ orderId, customerId, amount, status, updatedAt: Date.now() });
  return status;
}
