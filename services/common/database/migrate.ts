import type { Kysely } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { isBusy, untilUnlocked } from './busy.ts';
import { createSeeds } from './seed-once.ts';
import { reason, UnavailableError } from './unavailable.ts';

/**
 * Runs, in one transaction, the migrations that have not run yet.
 *
 * @param schema where migrations are recorded; made when missing.
 */
export async function migrate(
  db: Kysely<unknown>,
  service: string,
  schema: string | undefined,
  migrations: Readonly<Record<string, Migration>>,
): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => ({ '0000_seeds': createSeeds, ...migrations }) },
    ...(schema && { migrationTableSchema: schema }),
  });
  const { error, results } = await untilUnlocked(async () => {
    const outcome = await migrator.migrateToLatest();
    if (isBusy(outcome.error)) throw outcome.error;
    return outcome;
  }).catch((error: unknown) => ({ error, results: undefined }));
  if (error === undefined) return;
  const failed = results?.find(({ status }) => status === 'Error')?.migrationName;
  if (!failed) throw new UnavailableError(service, error);
  throw new Error(`${service}: migration failed (${failed}): ${reason(error)}`, { cause: error });
}
