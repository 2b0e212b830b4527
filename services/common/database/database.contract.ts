import { expect, test } from '@jest/globals';
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { openDatabase } from './database.ts';
import { prepared } from './prepared.ts';
import { seedOnce } from './seed-once.ts';
import type { TestDatabases } from './test-databases.ts';

interface Tables {
  notes: { id: number; text: string; written_at: number };
}

const migrations: Record<string, Migration> = {
  '0001_notes': {
    async up(db) {
      await db.schema
        .createTable('notes')
        .addColumn('id', 'integer', (column) => column.primaryKey())
        .addColumn('text', 'text', (column) => column.notNull())
        .addColumn('written_at', 'bigint', (column) => column.notNull())
        .execute();
    },
  },
};

const note = (id: number) => ({ id, text: `note ${id}`, written_at: 1_795_386_832_962 });

export function databaseContract(fresh: TestDatabases['fresh']): void {
  test('times in ms and counts come back as the numbers they were', async () => {
    const { database } = await fresh();
    const { db, close } = await openDatabase<Tables>(database, 'diary', migrations);
    await db
      .insertInto('notes')
      .values([note(1), note(2)])
      .execute();
    expect(await db.selectFrom('notes').selectAll().where('id', '=', 1).execute()).toEqual([note(1)]);
    const count = db.selectFrom('notes').select((row) => row.fn.countAll<number>().as('count'));
    expect(await count.executeTakeFirst()).toEqual({ count: 2 });
    await close();
  });

  test('a prepared query runs with the values of each use, whatever the length of its lists and the order of its names', async () => {
    const { database } = await fresh();
    const { db, close } = await openDatabase<Tables>(database, 'diary', migrations);
    let built = 0;
    const insert = prepared(db, (db, { text, notes }: { text: string; notes: readonly { id: number }[] }) => {
      built += 1;
      const rows = notes.map(({ id }) => ({ id, text, written_at: 7 }));
      return db.insertInto('notes').values(rows).returning(['id', 'text']);
    });
    expect(await insert(db, { text: 'a', notes: [{ id: 1 }] })).toEqual([{ id: 1, text: 'a' }]);
    expect(await insert(db, { notes: [{ id: 2 }], text: 'b' })).toEqual([{ id: 2, text: 'b' }]);
    const rolledBack = db.transaction().execute(async (trx) => {
      await insert(trx, { text: 'c', notes: [{ id: 3 }, { id: 4 }] });
      throw new Error('no');
    });
    await expect(rolledBack).rejects.toThrow('no');
    const long = Array.from({ length: 101 }, (_, id) => ({ id: 10 + id }));
    expect(await insert(db, { text: 'd', notes: long })).toHaveLength(101);
    expect(built).toBe(3);
    const rows = await db
      .selectFrom('notes')
      .select(['id', 'text', 'written_at'])
      .where('id', '<', 10)
      .execute();
    expect(rows).toEqual([1, 2].map((id) => ({ id, text: id === 1 ? 'a' : 'b', written_at: 7 })));
    await close();
  });

  test('a prepared query that looks at a value is refused', async () => {
    const { database } = await fresh();
    const { db, close } = await openDatabase<Tables>(database, 'diary', migrations);
    const query = prepared(db, (db, { id }: { id: number }) =>
      db
        .selectFrom('notes')
        .selectAll()
        .where('id', '=', id + 1),
    );
    await expect(query(db, { id: 1 })).rejects.toThrow('must not depend on its values');
    await close();
  });

  test('replicas that open one database at the same time all get it migrated and seeded once', async () => {
    const { database } = await fresh();
    let fills = 0;
    const fill = async (tx: Kysely<Tables>) => {
      fills += 1;
      await tx.insertInto('notes').values(note(1)).execute();
    };
    const opened = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const replica = await openDatabase<Tables>(database, 'diary', migrations);
        await seedOnce(replica.db, 'notes', fill);
        return replica;
      }),
    );
    expect(fills).toBe(1);
    expect(await opened[3]?.db.selectFrom('notes').select('id').execute()).toEqual([{ id: 1 }]);
    await Promise.all(opened.map(({ close }) => close()));
  });

  test('a seed that fails leaves nothing behind and is tried again', async () => {
    const { database } = await fresh();
    const { db, close } = await openDatabase<Tables>(database, 'diary', migrations);
    const failing = seedOnce(db, 'notes', async (tx) => {
      await tx.insertInto('notes').values(note(1)).execute();
      throw new Error('interrupted');
    });
    await expect(failing).rejects.toThrow('interrupted');
    expect(await db.selectFrom('notes').selectAll().execute()).toEqual([]);
    await seedOnce(db, 'notes', async (tx) => {
      await tx.insertInto('notes').values(note(2)).execute();
    });
    expect(await db.selectFrom('notes').select('id').execute()).toEqual([{ id: 2 }]);
    await close();
  });

  test('two services do not see each other’s tables', async () => {
    const { database } = await fresh();
    const mine = await openDatabase<Tables>(database, 'mine', migrations);
    const yours = await openDatabase<Tables>(database, 'yours', migrations);
    await mine.db.insertInto('notes').values(note(1)).execute();
    expect(await yours.db.selectFrom('notes').selectAll().execute()).toEqual([]);
    await Promise.all([mine.close(), yours.close()]);
  });

  test('a database stays open until everybody who opened it has closed it, and closing twice counts once', async () => {
    const { database } = await fresh();
    const one = await openDatabase<Tables>(database, 'diary', migrations);
    const two = await openDatabase<Tables>(database, 'diary', migrations);
    await one.close();
    await one.close();
    expect(await two.db.selectFrom('notes').selectAll().execute()).toEqual([]);
    await two.close();
    const again = await openDatabase<Tables>(database, 'diary', migrations);
    expect(await again.db.selectFrom('notes').selectAll().execute()).toEqual([]);
    await again.close();
  });

  test('a migration that fails says of which service and which it was, and is undone to be tried again', async () => {
    const { database } = await fresh();
    const withTags = (then: () => void): Record<string, Migration> => ({
      ...migrations,
      '0002_tags': {
        async up(db) {
          await db.schema.createTable('tags').addColumn('name', 'text').execute();
          then();
        },
      },
    });
    const fail = () => {
      throw new Error('out of luck');
    };
    await expect(openDatabase(database, 'diary', withTags(fail))).rejects.toThrow(
      'diary: migration failed (0002_tags): out of luck',
    );
    const { db, close } = await openDatabase<Tables>(
      database,
      'diary',
      withTags(() => {}),
    );
    expect(await db.selectFrom('notes').selectAll().execute()).toEqual([]);
    await close();
  });

  test('a transaction that fails takes back all it did', async () => {
    const { database } = await fresh();
    const { db, close } = await openDatabase<Tables>(database, 'diary', migrations);
    const failing = db.transaction().execute(async (tx) => {
      await tx.insertInto('notes').values(note(1)).execute();
      await tx.insertInto('notes').values(note(1)).execute();
    });
    await expect(failing).rejects.toThrow(/unique/i);
    expect(await db.selectFrom('notes').selectAll().execute()).toEqual([]);
    await close();
  });
}
