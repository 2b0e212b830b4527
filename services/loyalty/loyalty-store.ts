import type { Kysely } from 'kysely';
import { type InboxEntry, withInbox } from 'moleculer-durable-events';
import { type Database, openDatabase } from '../common/database/database.ts';
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

/** Members and their points. Each change is made once per inbox entry; every replica works on the same ones. */
export class LoyaltyStore {
  readonly #db: Kysely<LoyaltyTables>;
  readonly close: () => Promise<void>;

  constructor({ db, close }: Database<LoyaltyTables>) {
    this.#db = db;
    this.close = close;
  }

  get inbox(): Kysely<unknown> {
    return this.#db as Kysely<unknown>;
  }

  async enrol(entry: InboxEntry, userId: string, at: number): Promise<void> {
    await this.#db.transaction().execute((tx) => withInbox(tx, entry, () => enrol(tx, userId, at)));
  }

  /** Whoever buys is a member: the news of a registration may come later than that of its first order. */
  async credit(entry: InboxEntry, { orderId, userId, points, at }: Credit): Promise<void> {
    await this.#db.transaction().execute((tx) =>
      withInbox(tx, entry, async () => {
        await enrol(tx, userId, at);
        await tx
          .insertInto('credits')
          .values({ order_id: orderId, user_id: userId, points, credited_at: at })
          // Known already: it was cancelled before we heard that it was confirmed.
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      }),
    );
  }

  /** Takes back what the order brought, or will be heard to have brought. */
  async revoke(entry: InboxEntry, orderId: string): Promise<void> {
    await this.#db.transaction().execute((tx) =>
      withInbox(tx, entry, () =>
        tx
          .insertInto('credits')
          .values({ order_id: orderId, user_id: '', points: 0, credited_at: 0 })
          .onConflict((conflict) => conflict.column('order_id').doUpdateSet({ points: 0 }))
          .execute(),
      ),
    );
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
}

async function enrol(tx: Kysely<LoyaltyTables>, userId: string, at: number): Promise<void> {
  await tx
    .insertInto('members')
    .values({ user_id: userId, enrolled_at: at })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export async function openLoyaltyStore(config: ShopConfig): Promise<LoyaltyStore> {
  const database = await openDatabase<LoyaltyTables>(config.database, 'loyalty', migrations);
  if (config.seed) await seedOnce(database.db, 'demonstration', seedMembers);
  return new LoyaltyStore(database);
}
