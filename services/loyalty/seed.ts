import type { Kysely } from 'kysely';
import { insertAll } from '../common/database/seed-once.ts';
import { euros } from '../common/money.ts';
import { seedUser, USERS } from '../common/seed/cast.ts';
import { seedOrders } from '../common/seed/orders.ts';
import { pointsFor } from './loyalty.ts';
import type { LoyaltyTables } from './loyalty-tables.ts';

/** Every user of the demonstration is a member, with the points of its confirmed orders. */
export async function seedMembers(tx: Kysely<LoyaltyTables>): Promise<void> {
  const members = Array.from({ length: USERS }, (_, index) => {
    const { id, registeredAt } = seedUser(index + 1);
    return { user_id: id, enrolled_at: registeredAt };
  });
  const credits = seedOrders()
    .filter(({ cancelled }) => !cancelled)
    .map(({ id, customerId, total, settledAt }) => ({
      ...{ order_id: id, user_id: customerId, points: pointsFor(euros(total)), credited_at: settledAt },
    }));
  await insertAll(members, (batch) =>
    tx
      .insertInto('members')
      .values(batch)
      // A user who has bought since then is a member already.
      .onConflict((conflict) => conflict.doNothing()),
  );
  await insertAll(credits, (batch) => tx.insertInto('credits').values(batch));
}
