/** What the parts could do at most, alone on this machine: a bare commit, a bare publish, and a relay between the two. */

import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { Kysely } from 'kysely';
import {
  createJetStreamChannel,
  defineEvent,
  outboxMigration,
  startRelay,
  withOutbox,
} from 'moleculer-durable-events';
import { connect, headers } from 'nats';
import { startNatsServer } from '../../scripts/infra/nats.ts';
import { NodeSqliteDialect } from '../../services/common/database/node-sqlite.ts';

export interface Ceilings {
  /** One row, one commit, one after the other; synced to the disk each. */
  readonly commitsPerSecond: number;
  /** Publishes with message ids into one stream that syncs before it acknowledges, one at a time, and as many at once as a relay has. */
  readonly publishesPerSecond: number;
  readonly pipelinedPerSecond: number;
  /** Events out of an outbox in SQLite into JetStream, each of a key of its own. */
  readonly relayedPerSecond: number;
}

/** About what an event of an order weighs. */
const BYTES = 700;
const AT_ONCE = 100;

/** @param count of operations in each measurement. @param folder for files. */
export async function ceilings(folder: string, count: number): Promise<Ceilings> {
  const commitsPerSecond = bareCommits(join(folder, 'bare.db'), count);
  await using nats = await startNatsServer({ jetStream: true, dataDir: join(folder, 'bare-nats') });
  const publishesPerSecond = await barePublishes(nats.url, Math.ceil(count / 4), 1);
  const pipelinedPerSecond = await barePublishes(nats.url, count, AT_ONCE);
  const relayedPerSecond = await relayed(nats.url, join(folder, 'outbox.db'), count);
  return { commitsPerSecond, publishesPerSecond, pipelinedPerSecond, relayedPerSecond };
}

function bareCommits(path: string, count: number): number {
  const database = new DatabaseSync(path);
  database.exec('pragma journal_mode = wal; create table rows (id integer primary key, data text)');
  const insert = database.prepare('insert into rows (data) values (?)');
  const data = 'x'.repeat(BYTES);
  const perSecond = timed(count);
  for (let i = 0; i < count; i += 1) insert.run(data);
  const rate = perSecond();
  database.close();
  return rate;
}

async function barePublishes(url: string, count: number, atOnce: number): Promise<number> {
  const connection = await connect({ servers: url });
  const jsm = await connection.jetstreamManager();
  const name = `bare-${atOnce}`;
  await jsm.streams.add({ name, subjects: [`${name}.*`] });
  const js = connection.jetstream();
  const data = new Uint8Array(BYTES);
  let next = 0;
  const publisher = async () => {
    for (let i = next++; i < count; i = next++)
      await js.publish(`${name}.${i % 8}`, data, { msgID: `m${i}`, headers: headers() });
  };
  const perSecond = timed(count);
  await Promise.all(Array.from({ length: atOnce }, publisher));
  const rate = perSecond();
  await connection.close();
  return rate;
}

async function relayed(url: string, path: string, count: number): Promise<number> {
  const db = new Kysely<unknown>({ dialect: new NodeSqliteDialect(path) });
  await outboxMigration.up(db as never);
  const told = defineEvent<{ id: string; text: string }>({
    ...{ type: 'bench.told', version: 1, schema: { type: 'object' }, key: ({ id }) => id },
  });
  const text = 'x'.repeat(BYTES - 30);
  await db.transaction().execute(async (trx) => {
    for (let i = 0; i < count; i += 1)
      await withOutbox(trx, told.create({ id: `k${i}`, text }, { source: '/bench' }));
  });
  await using channel = await createJetStreamChannel({ connection: { servers: url }, namespace: 'bench' });
  let published = 0;
  const all = Promise.withResolvers<void>();
  const perSecond = timed(count);
  const relay = startRelay({
    db,
    channel: {
      async publish(...of) {
        await channel.publish(...of);
        published += 1;
        if (published === count) all.resolve();
      },
    },
  });
  await all.promise;
  while ((await relay.lag()).waiting > 0) await delay(1);
  const rate = perSecond();
  await relay.stop();
  await db.destroy();
  return rate;
}

/** Begins now; the answer, when asked, is operations a second. */
function timed(count: number): () => number {
  const began = performance.now();
  return () => (1_000 * count) / (performance.now() - began);
}
