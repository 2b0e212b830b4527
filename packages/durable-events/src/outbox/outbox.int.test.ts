import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import type { Generated, Kysely } from 'kysely';
import { migrate } from '../../test/databases.ts';
import { describeEachDatabase } from '../../test/each-database.ts';
import type { Channel, Message } from '../channel.ts';
import { DurableEventError } from '../errors.ts';
import { defineEvent } from '../event/event-type.ts';
import { createGate } from '../testing/recorder.ts';
import { pruneInbox, withInbox } from './inbox.ts';
import { withOutbox } from './outbox.ts';
import { type Lag, startRelay } from './relay.ts';
import { inboxMigration, outboxMigration } from './tables.ts';

interface Orders {
  orders: { n: Generated<number>; id: string };
}
const orderPlaced = defineEvent<{ orderId: string; n?: number }>({
  type: 'order.placed',
  version: 1,
  schema: { type: 'object' },
  key: ({ orderId }) => orderId,
});
const event = (orderId: string, id: string) => orderPlaced.create({ orderId }, { source: '/orders' }, id);

/** Where relays publish to; refuses what `refuses` says. */
function createTarget(refuses: (message: Message) => boolean = () => false) {
  const published: Message[] = [];
  const channel: Pick<Channel, 'publish'> = {
    async publish(_event, message) {
      await delay(0);
      if (refuses(message)) throw new DurableEventError('CHANNEL_UNAVAILABLE', 'away');
      published.push(message);
    },
  };
  return {
    channel,
    ids: () => published.map(({ id }) => id),
    published,
    async until(count: number) {
      while (published.length < count) await delay(2);
    },
  };
}

describeEachDatabase<Orders>(process.env, (create) => {
  const open = async () => {
    const database = await create();
    const db = database.connect();
    await migrate(db, outboxMigration, inboxMigration);
    await db.schema.createTable('orders').addColumn('id', 'text').execute();
    return { database, db };
  };
  const put = (db: Kysely<Orders>, key: string, id: string) =>
    db.transaction().execute((trx) => withOutbox(trx, event(key, id)));

  describe('the outbox', () => {
    test('has an event exactly when the change it tells of was committed', async () => {
      const { database, db } = await open();
      await using _ = database;
      const target = createTarget();
      await expect(
        db.transaction().execute(async (trx) => {
          await trx.insertInto('orders').values({ id: 'a' }).execute();
          await withOutbox(trx, event('a', 'rolled-back'));
          throw new Error('no stock');
        }),
      ).rejects.toThrow('no stock');
      await db.transaction().execute(async (trx) => {
        await trx.insertInto('orders').values({ id: 'b' }).execute();
        await withOutbox(trx, event('b', 'committed'));
        await withOutbox(trx, event('b', 'committed'));
      });
      const relay = startRelay({ db, channel: target.channel });
      await target.until(1);
      while ((await relay.lag()).waiting > 0) await delay(5);
      await relay.stop();
      expect(target.ids()).toEqual(['committed']);
      expect(target.published[0]).toMatchObject({
        key: 'b',
        headers: { 'ce-type': 'order.placed', 'ce-id': 'committed' },
      });
    });

    test('refuses an event that no channel would take, so that it cannot hold back its key', async () => {
      const { database, db } = await open();
      await using _ = database;
      const large = orderPlaced.create({ orderId: 'x'.repeat(1_100_000) }, { source: '/orders' });
      await expect(
        db.transaction().execute((trx) => withOutbox(trx, { ...large, key: 'k' })),
      ).rejects.toMatchObject({
        code: 'MESSAGE_TOO_LARGE',
      });
    });
  });

  describe('relays', () => {
    test('publish everything in order per key, several at once', async () => {
      const { database, db } = await open();
      await using _ = database;
      const target = createTarget();
      const others = [database.connect(), database.connect()];
      const relays = [db, ...others].map((own) =>
        startRelay({ db: own, channel: target.channel, pollInterval: 2 }),
      );
      for (let i = 0; i < 120; i++) await put(db, `k${i % 7}`, `m${i}`);
      await target.until(120);
      await Promise.all(relays.map((relay) => relay.stop()));
      const numbers = target.published.map(({ id, key }) => ({ key, n: Number(id.slice(1)) }));
      expect(numbers).toHaveLength(120);
      for (const [, ofKey] of Map.groupBy(numbers, ({ key }) => key))
        expect(ofKey.map(({ n }) => n)).toEqual(ofKey.map(({ n }) => n).toSorted((a, b) => a - b));
    });

    test('try for ever what cannot be published; it holds back its own key only', async () => {
      const { database, db } = await open();
      await using _ = database;
      const refusedAt: number[] = [];
      const target = createTarget(({ id }) => {
        if (id !== 'a1' || refusedAt.length === 4) return false;
        refusedAt.push(performance.now());
        return true;
      });
      for (const [key, id] of [
        ['a', 'a1'],
        ['a', 'a2'],
        ['b', 'b1'],
        ['b', 'b2'],
      ] as const)
        await put(db, key, id);
      const relay = startRelay({
        db,
        channel: target.channel,
        backoff: { initial: 60, max: 120 },
        pollInterval: 2,
      });
      await target.until(4);
      await relay.stop();
      expect(target.ids().slice(0, 2)).toEqual(['b1', 'b2']);
      expect(target.ids().slice(2)).toEqual(['a1', 'a2']);
      const waits = refusedAt.slice(1).map((at, i) => at - (refusedAt[i] ?? 0));
      // Half of a delay is certain; the clock that stores it counts in whole milliseconds.
      for (const [i, least] of [28, 58, 58].entries()) expect(waits[i]).toBeGreaterThanOrEqual(least);
    });

    test('tell how far they lag behind', async () => {
      const { database, db } = await open();
      await using _ = database;
      const gate = createGate();
      const target = createTarget();
      for (const id of ['a', 'b']) await put(db, id, id);
      const told: Lag[] = [];
      const channel: Pick<Channel, 'publish'> = {
        publish: (...of) => gate.opened.then(() => target.channel.publish(...of)),
      };
      const relay = startRelay({ db: database.connect(), channel, onLag: (lag) => told.push(lag) });
      const idle = startRelay({ db: database.connect(), channel, onLag: (lag) => told.push(lag) });
      while (told.length === 0) await delay(5);
      expect(told[0]).toMatchObject({ waiting: 2, oldest: expect.any(Number) });
      gate.open();
      while ((await relay.lag()).waiting > 0) await delay(5);
      await expect(relay.lag()).resolves.toEqual({ waiting: 0, oldest: 0 });
      await Promise.all([relay.stop(), idle.stop()]);
    });

    test('that are killed lose nothing and hold nobody up: another goes on, in order per key', async () => {
      const { database, db } = await open();
      await using _ = database;
      for (let i = 0; i < 60; i++) await put(db, `k${i % 6}`, `m${i}`);
      const fixture = fileURLToPath(new URL('./relay-until-killed.fixture.ts', import.meta.url));
      const child = spawn(process.execPath, [fixture, database.url], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let printed = '';
      child.stdout.on('data', (chunk: Buffer) => {
        printed += chunk.toString();
        if (printed.split('\n').length > 20) child.kill('SIGKILL');
      });
      await once(child, 'close');
      expect(child.signalCode).toBe('SIGKILL');
      const target = createTarget();
      const relay = startRelay({ db, channel: target.channel, leaseMs: 600 });
      while ((await relay.lag()).waiting > 0) await delay(5);
      await relay.stop();
      const both = [...printed.trim().split('\n'), ...target.ids()];
      expect(new Set(both).size).toBe(60);
      // First publications, each key for itself: a repeated one is noticed by its id.
      for (const [, ofKey] of Map.groupBy(new Set(both), (id) => Number(id.slice(1)) % 6)) {
        const numbers = ofKey.map((id) => Number(id.slice(1)));
        expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
      }
    });

    test('leave what is not published to the next one when they stop', async () => {
      const { database, db } = await open();
      await using _ = database;
      const gate = createGate();
      const began = createGate();
      for (const id of ['m1', 'm2', 'm3']) await put(db, 'k', id);
      const first = createTarget();
      const slow: Pick<Channel, 'publish'> = {
        async publish(...of) {
          began.open();
          await gate.opened;
          await first.channel.publish(...of);
        },
      };
      const relay = startRelay({ db, channel: slow });
      await began.opened;
      const stopped = relay.stop();
      gate.open();
      await stopped;
      expect(first.ids()).toEqual(['m1']);
      const second = createTarget();
      const next = startRelay({ db, channel: second.channel });
      await second.until(2);
      await next.stop();
      expect(second.ids()).toEqual(['m2', 'm3']);
    });
  });

  describe('the inbox', () => {
    const count = async (db: Kysely<Orders>) => (await db.selectFrom('orders').select('id').execute()).length;
    const handle = (db: Kysely<Orders>, id: string, fail = false) =>
      db.transaction().execute((trx) =>
        withInbox(trx, { group: 'stats', id }, async () => {
          await trx.insertInto('orders').values({ id }).execute();
          if (fail) throw new Error('no');
        }),
      );

    test('lets an effect happen once, however often and however much at once the event comes', async () => {
      const { database, db } = await open();
      await using _ = database;
      const other = database.connect();
      const ran = await Promise.all([
        handle(db, 'a'),
        handle(other, 'a'),
        handle(db, 'a'),
        handle(other, 'a'),
      ]);
      expect(ran.filter(Boolean)).toHaveLength(1);
      await expect(count(db)).resolves.toBe(1);
      await expect(handle(db, 'b')).resolves.toBe(true);
    });

    test('forgets an attempt that failed', async () => {
      const { database, db } = await open();
      await using _ = database;
      await expect(handle(db, 'a', true)).rejects.toThrow('no');
      await expect(count(db)).resolves.toBe(0);
      await expect(handle(db, 'a')).resolves.toBe(true);
    });

    test('is pruned by age', async () => {
      const { database, db } = await open();
      await using _ = database;
      await handle(db, 'a');
      await expect(pruneInbox(db)).resolves.toBe(0);
      await expect(handle(db, 'a')).resolves.toBe(false);
      await expect(pruneInbox(db, -1_000)).resolves.toBe(1);
      await expect(handle(db, 'a')).resolves.toBe(true);
    });
  });
});
