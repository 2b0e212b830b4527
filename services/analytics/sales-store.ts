import type { Kysely } from 'kysely';
import { inBatches } from '../common/batches.ts';
import { type Database, openDatabase } from '../common/database/database.ts';
import { type Prepared, prepared } from '../common/database/prepared.ts';
import { seedOnce, wasSeeded } from '../common/database/seed-once.ts';
import type { ShopConfig } from '../config.ts';
import { readReport } from './report-store.ts';
import type { Fact, Report } from './sales.ts';
import { COUNTS, migrations, type SalesTables } from './sales-tables.ts';
import { seedSales } from './seed.ts';
import { tally } from './tally.ts';
import { type AddTally, tallyAdder } from './tally-store.ts';

/** What an event tells, under the event's id. */
interface Told {
  readonly eventId: string;
  readonly fact: Fact;
}

interface Handled {
  readonly rows: readonly SalesTables['handled'][];
}

/** Counts of what happened, in generations. Every replica works on the same ones. */
export class SalesStore {
  readonly #db: Kysely<SalesTables>;
  readonly #insertHandled: Prepared<SalesTables, Handled, { event_id: string }>;
  readonly #addTally: AddTally;
  readonly #countShown = inBatches<Told>((told) => this.#count(told));
  readonly close: () => Promise<void>;

  constructor({ db, close }: Database<SalesTables>) {
    this.#db = db;
    this.#insertHandled = prepared(db, (db, { rows }) =>
      db
        .insertInto('handled')
        .values(rows)
        .onConflict((conflict) => conflict.doNothing())
        .returning('event_id'),
    );
    this.#addTally = tallyAdder(db);
    this.close = close;
  }

  /** Counts what an event tells, once per event, in the generation that is shown or in the one given. */
  async count(eventId: string, fact: Fact, generation?: number): Promise<void> {
    if (generation === undefined) await this.#countShown({ eventId, fact });
    else await this.#count([{ eventId, fact }], generation);
  }

  async #count(told: readonly Told[], generation?: number): Promise<void> {
    const facts = new Map(told.map(({ eventId, fact }) => [eventId, fact]));
    await this.#db.transaction().execute(async (tx) => {
      const into = generation ?? (await holdShown(tx));
      const rows = [...facts.keys()].sort().map((event_id) => ({ generation: into, event_id }));
      const fresh = await this.#insertHandled(tx, { rows });
      const counted = fresh.flatMap(({ event_id }) => facts.get(event_id) ?? []);
      if (counted.length > 0) await this.#addTally(tx, into, tally(counted));
    });
  }

  /** A new generation, not shown, with nothing in it but the demonstration's history, which no stream has. */
  async begin(): Promise<number> {
    return this.#db.transaction().execute(async (tx) => {
      const { latest } = await tx
        .updateTable('generations')
        .set((row) => ({ latest: row('latest', '+', 1) }))
        .returning('latest')
        .executeTakeFirstOrThrow();
      if (await wasSeeded(tx, 'demonstration')) await seedSales(tx, latest);
      return latest;
    });
  }

  /** How many events the generation that is shown has and this one has not. */
  async missing(generation: number): Promise<number> {
    return missing(this.#db, generation);
  }

  /**
   * Shows this generation and forgets all older ones, unless it misses events of the one that is shown: then nothing changes.
   * @returns whether any count differs from what was shown before, byte for byte; undefined when nothing was done.
   */
  async show(generation: number): Promise<{ readonly changed: boolean } | undefined> {
    return this.#db.transaction().execute(async (tx) => {
      const shown = await holdShown(tx);
      if ((await missing(tx, generation)) > 0) return undefined;
      const changed = (await dump(tx, shown)) !== (await dump(tx, generation));
      await tx.updateTable('generations').set({ shown: generation }).execute();
      for (const table of ['handled', ...COUNTS] as const)
        await tx.deleteFrom(table).where('generation', '<', generation).execute();
      return { changed };
    });
  }

  /** Forgets a generation that is not shown. */
  async discard(generation: number): Promise<void> {
    await this.#db.transaction().execute(async (tx) => {
      if ((await holdShown(tx)) === generation) return;
      for (const table of ['handled', ...COUNTS] as const)
        await tx.deleteFrom(table).where('generation', '=', generation).execute();
    });
  }

  async report(hours: number, products: number): Promise<Report> {
    return this.#db.transaction().execute(async (tx) => {
      const { shown } = await tx.selectFrom('generations').select('shown').executeTakeFirstOrThrow();
      return readReport(tx, shown, hours, products);
    });
  }
}

/** The generation that is shown, and stays so until this transaction ends: PostgreSQL locks the row. */
async function holdShown(tx: Kysely<SalesTables>): Promise<number> {
  const { shown } = await tx
    .updateTable('generations')
    .set((row) => ({ shown: row.ref('shown') }))
    .returning('shown')
    .executeTakeFirstOrThrow();
  return shown;
}

async function missing(db: Kysely<SalesTables>, generation: number): Promise<number> {
  const { count } = await db
    .selectFrom('handled as shown')
    .innerJoin('generations as g', 'g.shown', 'shown.generation')
    .leftJoin('handled as mine', (join) =>
      join.onRef('mine.event_id', '=', 'shown.event_id').on('mine.generation', '=', generation),
    )
    .select((row) => row.fn.countAll<number>().as('count'))
    .where('mine.event_id', 'is', null)
    .executeTakeFirstOrThrow();
  return count;
}

/** Everything that is counted, as text: rows in the order of what they count, whatever order the database keeps. */
async function dump(tx: Kysely<SalesTables>, generation: number): Promise<string> {
  const tables: string[] = [];
  for (const table of COUNTS) {
    const rows = await tx.selectFrom(table).selectAll().where('generation', '=', generation).execute();
    tables.push(...rows.map((row) => `${table} ${JSON.stringify({ ...row, generation: 0 })}`).toSorted());
  }
  return tables.join('\n');
}

export async function openSalesStore(config: ShopConfig): Promise<SalesStore> {
  const database = await openDatabase<SalesTables>(config.database, 'analytics', migrations);
  if (config.seed)
    await seedOnce(database.db, 'demonstration', async (tx) => seedSales(tx, await holdShown(tx)));
  return new SalesStore(database);
}
