/**
 * Holds a cluster's own NATS server and Consul agent: `servers-process.ts DATA_DIR nats consul`. They cannot notice
 * that the cluster was killed; this process can, for its IPC channel closes, and takes them along.
 */
import { join } from 'node:path';
import { tellParent } from '../cli/node-messages.ts';
import { stopOnSignal } from '../cli/shutdown.ts';
import { freePort } from '../infra/child.ts';
import { startConsulAgent } from '../infra/consul.ts';
import { startNatsServer } from '../infra/nats.ts';

export type FromServers =
  | {
      readonly type: 'ready';
      readonly natsUrl: string | undefined;
      readonly natsMonitoringUrl: string | undefined;
      readonly consulAddress: string | undefined;
    }
  | { readonly type: 'failed'; readonly reason: string };

const [dataDir = '.', ...wanted] = process.argv.slice(2);
const running = new AsyncDisposableStack();
stopOnSignal(() => running.disposeAsync(), { graceMs: 10_000 });

try {
  const monitoring = `127.0.0.1:${await freePort()}`;
  const nats = wanted.includes('nats')
    ? running.use(
        await startNatsServer({
          jetStream: true,
          dataDir: join(dataDir, 'nats'),
          config: `http: "${monitoring}"`,
        }),
      )
    : undefined;
  const consul = wanted.includes('consul') ? running.use(await startConsulAgent()) : undefined;
  await tellParent({
    type: 'ready',
    natsUrl: nats?.url,
    natsMonitoringUrl: nats && `http://${monitoring}`,
    consulAddress: consul?.address,
  } satisfies FromServers);
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  await tellParent({ type: 'failed', reason } satisfies FromServers);
  await running.disposeAsync();
  process.exit(1);
}
