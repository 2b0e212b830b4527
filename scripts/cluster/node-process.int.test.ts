import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { projectFolder } from '../../test/support/folders.ts';
import { runNode } from './node-process.ts';

/** A service that does not start while there is a file `away`, as one whose database is not there. */
const service = (away: string) => `import { existsSync } from 'node:fs';
export default {
  name: 'patient',
  started() {
    if (existsSync(${JSON.stringify(away)})) throw Object.assign(new Error('away'), { name: 'UnavailableError' });
  },
};
`;

/** What happens to the node, each awaited in its turn. */
function story() {
  const events: string[] = [];
  let changed = Promise.withResolvers<void>();
  return {
    event(text: string) {
      events.push(text);
      changed.resolve();
      changed = Promise.withResolvers();
    },
    async next(pattern: RegExp): Promise<void> {
      for (;;) {
        const found = events.findIndex((text) => pattern.test(text));
        if (found >= 0) return void events.splice(0, found + 1);
        await changed.promise;
      }
    },
  };
}

test('a node that has run is started again until what it needs is back; one that never ran waits for its files', async () => {
  await using folder = await projectFolder();
  const away = join(folder.path, 'away');
  await writeFile(join(folder.path, 'patient.service.ts'), service(away));
  await writeFile(away, '');
  const { event, next } = story();
  const node = runNode(
    { name: 'patient-1', unit: 'patient' },
    {
      args: ['--services-dir', folder.path],
      env: { PATH: process.env.PATH, NODE_ID: 'patient-1', DATA_DIR: folder.path, LOG_LEVEL: 'fatal' },
      output: () => undefined,
      event,
    },
  );
  await expect(node.started).rejects.toThrow('patient-1: away');
  await next(/waiting for its files to change/);
  await rm(away);
  node.retry();
  await next(/^started/);
  expect(node.up).toBe(true);

  await writeFile(away, '');
  node.signal('SIGKILL');
  await next(/^crashed \(SIGKILL\)$/);
  expect(node.up).toBe(false);
  await next(/^crashed \(exit code 1\)$/);
  await rm(away);
  await next(/^started/);
  await node.stop(10_000);
});
