/** Kysely on Node's own SQLite. */
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDialect,
  SqliteDriver,
} from 'kysely';

/** How long a statement waits for another process's write, in ms. It blocks this process's event loop meanwhile. */
const BUSY_TIMEOUT = 5_000;

export class NodeSqliteDialect extends SqliteDialect {
  readonly #path: string;

  /** @param path of the file, made when missing. */
  constructor(path: string) {
    super({ database: async () => open(path) });
    this.#path = path;
  }

  override createDriver(): Driver {
    return new ImmediateDriver({ database: async () => open(this.#path) });
  }

  override createAdapter(): SqliteAdapter {
    return new TransactionalDdlAdapter();
  }
}

class ImmediateDriver extends SqliteDriver {
  /**
   * Takes the write lock at once. A deferred transaction takes it at its first write, and when another process has
   * written in between, that fails with SQLITE_BUSY and no timeout helps.
   */
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }
}

class TransactionalDdlAdapter extends SqliteAdapter {
  /** Lets the Migrator run in one immediate transaction: of replicas that start together one migrates, the rest wait. */
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

function open(path: string): SqliteDatabase {
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT, enableForeignKeyConstraints: true });
  useWriteAheadLog(database);
  // `synchronous` stays at SQLite's default, full: an order that was confirmed survives a power failure.
  return {
    close: () => database.close(),
    prepare(sql) {
      const statement = database.prepare(sql);
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...toInput(parameters)),
        run: (parameters) => statement.run(...toInput(parameters)),
        iterate: (parameters) => statement.iterate(...toInput(parameters)),
      };
    },
  };
}

/** The switch needs the file for itself and, unlike everything else, does not wait for it by the busy timeout. */
function useWriteAheadLog(database: DatabaseSync): void {
  const deadline = Date.now() + BUSY_TIMEOUT;
  for (;;) {
    try {
      database.exec('pragma journal_mode = wal');
      return;
    } catch (error) {
      if (!/locked|busy/.test(String(error)) || Date.now() > deadline) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

const toInput = (parameters: readonly unknown[]): SQLInputValue[] => parameters as SQLInputValue[];
