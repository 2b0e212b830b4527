import type { Kysely } from 'kysely';
import { USERS, userId } from '../common/seed/cast.ts';
import { seedOrders } from '../common/seed/orders.ts';
import type { Fact } from './sales.ts';
import type { SalesTables } from './sales-tables.ts';
import { tally } from './tally.ts';
import { tallyAdder } from './tally-store.ts';

/** What the events of the demonstration's users and orders would have told. Into a generation that is not counted in yet. */
export async function seedSales(tx: Kysely<SalesTables>, generation: number): Promise<void> {
  await tallyAdder(tx)(tx, generation, tally(seedFacts()));
}

function seedFacts(): Fact[] {
  const registrations = Array.from({ length: USERS }, (_, index) => ({
    ...{ kind: 'registration' as const, userId: userId(index + 1) },
  }));
  const orders = seedOrders().flatMap(({ customerId, lines, total, settledAt, cancelled }): Fact[] => {
    if (cancelled) {
      const refunded = cancelled.payment === 'refunded' ? total : null;
      return [{ kind: 'placed' }, { kind: 'cancellation', reason: cancelled.code, refunded }];
    }
    const sale: Fact = { kind: 'sale', customerId, items: lines, amount: total, at: settledAt };
    return [{ kind: 'placed' }, sale, { kind: 'shipped' }];
  });
  return [...registrations, ...orders];
}
