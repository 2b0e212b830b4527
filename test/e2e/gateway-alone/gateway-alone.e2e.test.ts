/** `npm run gateway` without NATS and Consul: a federation gateway over plain HTTP subgraphs out of a file. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ServiceBroker } from 'moleculer';
import { Subgraph } from 'moleculer-federation';
import { runScript } from '../../support/command.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { untilServed } from '../../support/graphql.ts';

test('it serves the subgraphs of SUBGRAPHS_FILE, introspected where the file has no SDL', async () => {
  const broker = new ServiceBroker({ logger: false, skipProcessEventRegistration: true });
  const service = broker.createService({
    name: 'cities',
    mixins: [
      Subgraph({
        schema: 'type Query { capital: String! }',
        resolvers: { Query: { capital: () => 'Abuja' } },
        http: true,
      }),
    ],
  });
  await using folder = await temporaryFolder();
  try {
    await broker.start();
    const { http } = (service.metadata as { subgraph: { http: { port: number; path: string } } }).subgraph;
    const file = join(folder.path, 'subgraphs.json');
    await writeFile(
      file,
      JSON.stringify([{ name: 'cities', url: `http://127.0.0.1:${http.port}${http.path}` }]),
    );
    await using gateway = runScript('gateway', [], {
      env: { SUBGRAPHS_FILE: file, DATA_DIR: folder.path, LOG_LEVEL: 'warn' },
    });
    const [, url = ''] = await gateway.until(/gateway on (\S+)\/graphql/);
    const answer = await untilServed(url, '{ capital }');
    expect(answer).toEqual({ status: 200, data: { capital: 'Abuja' } });
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  } finally {
    await broker.stop();
  }
});
