import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Kysely } from 'kysely';
import type { Database } from './database.ts';
import { NodeSqliteDialect } from './node-sqlite.ts';

/**
 * Files open in this process. Two connections of one process to one file would deadlock: while one waits for the event
 * loop inside its transaction, the other blocks that very loop waiting for the lock.
 */
const files = new Map<string, { readonly db: Kysely<unknown>; users: number }>();

/** Opens `<folder>/<service>.db`, the folder made when missing; the file is read at the first query. */
export async function openFile(folder: string, service: string): Promise<Database<unknown>> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${service}.db`);
  const file = files.get(path) ?? {
    db: new Kysely<unknown>({ dialect: new NodeSqliteDialect(path) }),
    users: 0,
  };
  files.set(path, file);
  file.users += 1;
  let open = true;
  return {
    db: file.db,
    async close() {
      if (!open) return;
      open = false;
      file.users -= 1;
      if (file.users > 0) return;
      files.delete(path);
      await file.db.destroy();
    },
  };
}
