import type { Kysely } from 'kysely';
import { insertAll } from '../common/database/seed-once.ts';
import { CURRENCY, euros } from '../common/money.ts';
import { seedOrders } from '../common/seed/orders.ts';
import type { ChargeState } from './charge.ts';
import type { ProviderTables } from './fake-provider.ts';
import type { Payment } from './payment-store.ts';

/** What we know of the payments of the demonstration's orders. */
export const seedPayments = (): Payment[] =>
  seedOrders().flatMap(({ id, customerId, total, settledAt, cancelled }) => {
    const status: ChargeState | null = cancelled ? cancelled.payment : 'captured';
    return status ? [{ orderId: id, customerId, amount: euros(total), status, updatedAt: settledAt }] : [];
  });

/** The same payments in the provider's books. */
export async function seedLedger(tx: Kysely<ProviderTables>): Promise<void> {
  const payments = seedPayments();
  await insertAll(
    payments.map(({ orderId, amount, status }) => ({
      ...{ reference: orderId, amount: amount.amount, currency: CURRENCY, state: status },
    })),
    (batch) => tx.insertInto('charges').values(batch),
  );
  const movements = payments.flatMap(({ orderId, amount, status, updatedAt }) =>
    waysTo[status].map((state) => ({ reference: orderId, state, amount: amount.amount, at: updatedAt })),
  );
  await insertAll(movements, (batch) => tx.insertInto('ledger').values(batch));
}

const waysTo: Readonly<Record<ChargeState, readonly ChargeState[]>> = {
  authorized: ['authorized'],
  captured: ['authorized', 'captured'],
  declined: ['declined'],
  voided: ['authorized', 'voided'],
  refunded: ['authorized', 'captured', 'refunded'],
};
