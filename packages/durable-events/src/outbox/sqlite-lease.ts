import { randomUUID } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { compileOnce } from '../compiled-query.ts';
import type { OutboxTables } from './tables.ts';

/** SQLite has no row locks: of the relays of one outbox the one that holds the lease works, and the others wait. */
export interface Lease {
  /** Takes it, or goes on holding it; false while another has it. Writes only when a third of it has passed. */
  hold(): Promise<boolean>;
  /** Gives it to whoever comes first. */
  release(): Promise<void>;
}

interface Claim {
  readonly owner: string;
  readonly now: number;
  readonly until: number;
}

/** @param leaseMs how long one that died keeps the others out. */
export function createLease(db: Kysely<OutboxTables>, leaseMs: number): Lease {
  const owner = randomUUID();
  /** Nobody else can take it before, as long as this is what the file says. */
  let heldUntil = 0;
  return {
    async hold() {
      const now = Date.now();
      if (heldUntil - now > (leaseMs * 2) / 3) return true;
      const until = now + leaseMs;
      const { rows } = await take(db, { owner, now, until });
      heldUntil = rows.length > 0 ? until : 0;
      return heldUntil > 0;
    },
    async release() {
      heldUntil = 0;
      await db.deleteFrom('durable_outbox_lease').where('owner', '=', owner).execute();
    },
  };
}

const take = compileOnce<OutboxTables, Claim>((db, value) =>
  sql`
    insert into durable_outbox_lease (id, owner, until) values (1, ${value('owner')}, ${value('until')})
    on conflict (id) do update set owner = excluded.owner, until = excluded.until
    where owner = excluded.owner or until < ${value('now')} returning owner`.compile(db),
);
