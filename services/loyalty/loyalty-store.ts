import type { Kysely } from 'kysely';
import { inBatches } from '../common/batches.ts';
import { type Database, openDatabase } from '../common/database/database.ts';
import { prepared } from '../common/database/prepared.ts';
import { seedOnce } from '../common/database/seed-once.ts';
import type { ShopConfig } from '../config.ts';
import type { Membership } from './loyalty.ts';
import { type LoyaltyTables, migrations } from './loyalty-tables.ts';
import { seedMembers } from './seed.ts';

/** What an order brings to whom. */
export interface Credit {
  readonly orderId: string;
  readonly userId: string;
  readonly points: number;
  /** Epoch ms. */
  readonly at: number;
}

/**
 * Members and their points. Whatever is told again changes nothing, hence no inbox: a user is a member once, and an order has one
 * credit. Every replica works on the same ones.
 */
export class LoyaltyStore {
  readonly #db: Kysely<LoyaltyTables>;
  readonly #queries: ReturnType<typeof loyaltyQueries>;
  readonly close: () => Promise<void>;
  /** Whoever buys is a member: the news of a registration may come later than that of its first order. */
  readonly credit = inBatches<Credit>((credits) => this.#credit(credits));

  constructor({ db, close }: Database<LoyaltyTables>) {
    this.#db = db;
    this.#queries = loyaltyQueries(db);
    this.close = close;
  }

  async enrol(userId: string, at: number): Promise<void> {
    await this.#queries.enrol(this.#db, { members: [{ user_id: userId, enrolled_at: at }] });
  }

  /** Takes back what the order brought, or will be heard to have brought. */
  async revoke(orderId: string): Promise<void> {
    await this.#db
      .insertInto('credits')
      .values({ order_id: orderId, user_id: '', points: 0, credited_at: 0 })
      .onConflict((conflict) => conflict.column('order_id').doUpdateSet({ points: 0 }))
      .execute();
  }

  /** Of these users those that are members, in no order. */
  async byUserIds(userIds: readonly string[]): Promise<Membership[]> {
    if (userIds.length === 0) return [];
    const rows = await this.#db
      .selectFrom('members as m')
      .leftJoin('credits as c', 'c.user_id', 'm.user_id')
      .select((row) => [
        'm.user_id',
        row.fn.coalesce(row.fn.sum<number>('c.points'), row.lit(0)).as('points'),
      ])
      .where('m.user_id', 'in', userIds)
      .groupBy('m.user_id')
      .execute();
    return rows.map(({ user_id, points }) => ({ userId: user_id, points: Number(points) }));
  }

  async #credit(credits: readonly Credit[]): Promise<void> {
    const members = credits.map(({ userId, at }) => ({ user_id: userId, enrolled_at: at }));
    const rows = credits.map(({ orderId, userId, points, at }) => ({
      ...{ order_id: orderId, user_id: userId, points, credited_at: at },
    }));
    // In one order everywhere: two batches of the same users could each hold a row that the other waits for.
    members.sort((a, b) => (a.user_id < b.user_id ? -1 : 1));
    rows.sort((a, b) => (a.order_id < b.order_id ? -1 : 1));
    await this.#db.transaction().execute(async (tx) => {
      await this.#queries.enrol(tx, { members });
      await this.#queries.credit(tx, { credits: rows });
    });
  }
}

/** The statements of every order. */
const loyaltyQueries = (db: Kysely<LoyaltyTables>) => ({
  enrol: prepared(db, (db, { members }: { members: readonly LoyaltyTables['members'][] }) =>
    db
      .insertInto('members')
      .values(members)
      .onConflict((conflict) => conflict.doNothing()),
  ),
  credit: prepared(db, (db, { credits }: { credits: readonly LoyaltyTables['credits'][] }) =>
    db
      .insertInto('credits')
      .values(credits)
      // Known already: told before, or cancelled before we heard that it was confirmed.
      .onConflict((conflict) => conflict.doNothing()),
  ),
});

export async function openLoyaltyStore(config: ShopConfig): Promise<LoyaltyStore> {
  const database = await openDatabase<LoyaltyTables>(config.database, 'loyalty', migrations);
  if (config.seed) await seedOnce(database.db, 'demonstration', seedMembers);
  return new LoyaltyStore(database);
}
