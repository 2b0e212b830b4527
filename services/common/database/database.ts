/**
 * A service's own database: a SQLite file, or a schema in a PostgreSQL database. Opened and migrated here.
 *
 * Both must be usable by the same queries: keep to integers (epoch ms for times, 0/1 for booleans) and text.
 */
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { ShopConfig } from '../../config.ts';
import { migrate } from './migrate.ts';
import { openFile } from './sqlite-file.ts';
import { UnavailableError } from './unavailable.ts';

export interface Database<Tables> {
  readonly db: Kysely<Tables>;
  /** Idempotent. The connection ends when everyone who opened the same database in this process has closed it. */
  close(): Promise<void>;
}

/**
 * Opens the database of `service` and brings it to the latest migration. Safe when replicas start together: one
 * migrates, the others wait for it.
 *
 * @param migrations by name, run in the order of their names; never changed once released.
 * @throws UnavailableError when the database cannot be reached or opened; Error naming the migration that failed.
 */
export async function openDatabase<Tables>(
  config: ShopConfig['database'],
  service: string,
  migrations: Readonly<Record<string, Migration>>,
): Promise<Database<Tables>> {
  const { db, close } = await open(config, service);
  try {
    await migrate(db, service, config.kind === 'postgres' ? service : undefined, migrations);
  } catch (error) {
    await close();
    throw error;
  }
  return { db: db as Kysely<Tables>, close };
}

async function open(config: ShopConfig['database'], service: string): Promise<Database<unknown>> {
  if (config.kind === 'postgres') {
    // Loaded where it is used: the embedded shop starts without PostgreSQL's client.
    const { openSchema } = await import('./postgres-schema.ts');
    return openSchema(config.url, service);
  }
  try {
    return await openFile(config.folder, service);
  } catch (error) {
    throw new UnavailableError(service, error);
  }
}
