/** Run as a process: publishes to the SQLite channel named in its argument and prints each id once it is stored. */
import { writeSync } from 'node:fs';
import { createSqliteChannel } from './local-channel.ts';

const channel = createSqliteChannel({ path: process.argv[2] ?? '' });
// Never done: what it holds at the kill is in the middle of its first attempt.
await channel.subscribe('order.placed', 'mails', () => new Promise(() => {}));
for (let i = 0; ; i++) {
  await channel.publish('order.placed', {
    id: `m${i}`,
    key: `k${i % 20}`,
    headers: {},
    data: new Uint8Array(100),
  });
  writeSync(1, `m${i}\n`);
}
