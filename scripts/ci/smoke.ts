/** `npm start`, the query it tells one to try, the answer, Ctrl-C: as a newcomer would do it. Exits with 1 when not so. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runScript } from '../../test/support/command.ts';
import { firstQueryText } from '../cli/first-query.ts';

const dataDir = await mkdtemp(join(tmpdir(), 'smoke-'));
const app = runScript('start', [], { env: { PORT: '0', DATA_DIR: dataDir } });
try {
  const [, seconds, url] = await app.until(/ready in ([\d.]+) s\s+GraphQL\s+(\S+)/);
  const response = await fetch(url ?? '', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: firstQueryText }),
  });
  const body = await response.text();
  const { data, errors } = JSON.parse(body);
  if (!data || errors) throw new Error(`${response.status} ${body.slice(0, 2_000)}`);
  app.signal('SIGINT');
  const code = await app.exited;
  if (code !== 0) throw new Error(`exit code ${code} after Ctrl-C:\n${app.output()}`);
  console.log(`ready in ${seconds} s, answered, stopped: ${body.slice(0, 200)}`);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await app[Symbol.asyncDispose]();
  await rm(dataDir, { recursive: true, force: true });
}
