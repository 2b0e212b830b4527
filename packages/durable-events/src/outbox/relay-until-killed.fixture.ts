/** Run as a process: a relay on the database given, which prints what it publishes, and takes its time. */
import { writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { openUrl } from '../../test/databases.ts';
import { startRelay } from './relay.ts';
import type { OutboxTables } from './tables.ts';

startRelay({
  leaseMs: 600,
  db: openUrl<OutboxTables>(process.argv[2] ?? ''),
  channel: {
    async publish(_event, { id }) {
      writeSync(1, `${id}\n`);
      await delay(5);
    },
  },
});
