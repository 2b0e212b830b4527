/** PostgreSQL goes away and comes back under everything that works on it: relay, inbox, and those who write. */
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { Generated } from 'kysely';
import { startPostgres } from '../../../../scripts/infra/postgres.ts';
import { migrate, openPostgres } from '../../test/databases.ts';
import { defineEvent } from '../event/event-type.ts';
import { createMemoryChannel } from '../local/local-channel.ts';
import { withInbox } from './inbox.ts';
import { withOutbox } from './outbox.ts';
import { startRelay } from './relay.ts';
import { inboxMigration, outboxMigration } from './tables.ts';

interface Ledger {
  effects: { n: Generated<number>; key: string; event: number };
}
const counted = defineEvent<{ key: string; n: number }>({
  ...{ type: 'thing.counted', version: 1, schema: { type: 'object' }, key: ({ key }) => key },
});
const COUNT = 120;
const KEYS = 5;
const quick = { initial: 10, max: 50 };

const skip = process.env.SKIP_POSTGRES === '1' && process.env.CI !== 'true';

(skip ? test.skip : test)(
  'every event takes effect once and in order per key, though PostgreSQL crashes meanwhile',
  async () => {
    await using postgres = await startPostgres();
    const url = await postgres.createDatabase('shop');
    const [db, other] = [openPostgres<Ledger>(url), openPostgres<Ledger>(url)];
    await migrate(db, outboxMigration, inboxMigration);
    await db.schema
      .createTable('effects')
      .addColumn('n', 'bigserial')
      .addColumn('key', 'text')
      .addColumn('event', 'integer')
      .execute();
    await using channel = createMemoryChannel();
    const handled = new Set<string>();
    const [half, all] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    await channel.subscribe(
      'thing.counted',
      'ledger',
      async ({ group, message: { id, key } }) => {
        await db.transaction().execute((trx) =>
          withInbox(trx, { group, id }, async () => {
            await trx
              .insertInto('effects')
              .values({ key, event: Number(id) })
              .execute();
          }),
        );
        handled.add(id);
        if (handled.size === COUNT / 3) half.resolve();
        if (handled.size === COUNT) all.resolve();
      },
      { maxAttempts: 10_000, backoff: quick },
    );
    const relays = [db, other].map((own) =>
      startRelay({ db: own, channel, backoff: quick, pollInterval: 5 }),
    );
    const write = async (n: number): Promise<void> => {
      const event = counted.create({ key: `k${n % KEYS}`, n }, { source: '/test' }, String(n));
      const written = () => db.transaction().execute((trx) => withOutbox(trx, event));
      // Whether a commit without an answer was made nobody knows: the same again is written once.
      while (
        !(await written().then(
          () => true,
          () => false,
        ))
      )
        await delay(10);
    };
    const writing = (async () => {
      for (let n = 0; n < COUNT; n++) await write(n);
    })();
    await half.promise;
    await postgres.stop('SIGQUIT');
    await postgres.start();
    await Promise.all([writing, all.promise]);
    while ((await relays[0]?.lag())?.waiting !== 0) await delay(5);
    await Promise.all(relays.map((relay) => relay.stop()));
    const effects = await db.selectFrom('effects').select(['key', 'event']).orderBy('n').execute();
    expect(effects.map(({ event }) => event).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: COUNT }, (_, n) => n),
    );
    for (const [, ofKey] of Map.groupBy(effects, ({ key }) => key))
      expect(ofKey.map(({ event }) => event)).toEqual(
        ofKey.map(({ event }) => event).toSorted((a, b) => a - b),
      );
    await Promise.all([db.destroy(), other.destroy()]);
  },
);
