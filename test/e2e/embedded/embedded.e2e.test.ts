/** `npm start` as a newcomer meets it. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from '@jest/globals';
import { firstQueryText } from '../../../scripts/cli/first-query.ts';
import { runScript } from '../../support/command.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { query } from '../../support/graphql.ts';

const ready = /ready in [\d.]+ s\s+GraphQL\s+(\S+)\/graphql/;

test('it prints a URL and a query; the query answers; one Ctrl-C ends it; it starts again on its data', async () => {
  await using data = await temporaryFolder();
  for (const round of ['first', 'second']) {
    await using app = runScript('start', [], { env: { PORT: '0', DATA_DIR: data.path } });
    const [, url = ''] = await app.until(ready);
    const { status, errors, data: answer } = await query(url, firstQueryText);
    expect({ round, status, errors }).toEqual({ round, status: 200, errors: undefined });
    expect(answer?.topProducts).toHaveLength(1);
    app.signal('SIGINT');
    expect(await app.exited).toBe(0);
    expect(app.output()).toContain(`curl -s ${url}/graphql`);
  }
});

test('a port in use is one line and exit code 1', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  try {
    for (const script of ['start', 'gateway', 'cluster']) {
      await using app = runScript(script, [], { env: { PORT: String(port) } });
      expect(await app.exited).toBe(1);
      expect(app.output()).toBe(
        `PORT takes a free port: 127.0.0.1:${port} is in use by another process (PORT=0 picks one)\n`,
      );
    }
  } finally {
    other.close();
  }
});
