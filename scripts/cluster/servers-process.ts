/**
 * Holds a cluster's own servers: `servers-process.ts DATA_DIR nats consul postgres`. They cannot notice that the cluster
 * was killed; this process can, for its IPC channel closes, and takes them along. One that ends is started again.
 */
import { join } from 'node:path';
import { tellParent } from '../cli/node-messages.ts';
import { stopOnSignal } from '../cli/shutdown.ts';
import { startConsulAgent } from '../infra/consul.ts';
import { freePort } from '../infra/free-port.ts';
import { startNatsServer } from '../infra/nats.ts';
import { startPostgres } from '../infra/postgres.ts';
import { type KeptServer, keepRunning, type Restartable } from './keep-running.ts';

export type ServerName = 'nats' | 'consul' | 'postgres';

export type FromServers =
  | {
      readonly type: 'ready';
      readonly natsUrl: string | undefined;
      readonly natsMonitoringUrl: string | undefined;
      readonly consulAddress: string | undefined;
      readonly databaseUrl: string | undefined;
    }
  | { readonly type: 'failed'; readonly reason: string }
  | { readonly type: 'restarted'; readonly server: ServerName };

export interface ToServers {
  readonly type: 'restart';
  readonly server: ServerName;
  /** ms */
  readonly downMs: number;
}

const [dataDir = '.', ...wanted] = process.argv.slice(2);
const running = new AsyncDisposableStack();
const kept = new Map<ServerName, KeptServer>();
stopOnSignal(
  async () => {
    await Promise.all([...kept.values()].map((server) => server.release()));
    await running.disposeAsync();
  },
  { graceMs: 10_000 },
);
process.on('message', ({ server, downMs }: ToServers) => {
  void kept
    .get(server)
    ?.restart(downMs)
    .then(() => tellParent({ type: 'restarted', server } satisfies FromServers));
});

try {
  const nats = wanted.includes('nats') ? await startNats() : undefined;
  const consul = wanted.includes('consul') ? running.use(await startConsulAgent()) : undefined;
  if (consul) keep('consul', consul, () => consul.stop({ signal: 'SIGKILL' }));
  // Two processes of each of eleven services, with a pool of four each.
  const postgres = wanted.includes('postgres')
    ? running.use(await startPostgres({ maxConnections: 250 }))
    : undefined;
  if (postgres) keep('postgres', postgres, () => postgres.stop('SIGQUIT'));
  await tellParent({
    type: 'ready',
    natsUrl: nats?.url,
    natsMonitoringUrl: nats?.monitoringUrl,
    consulAddress: consul?.address,
    databaseUrl: await postgres?.createDatabase('shop'),
  } satisfies FromServers);
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  await tellParent({ type: 'failed', reason } satisfies FromServers);
  await running.disposeAsync();
  process.exit(1);
}

async function startNats(): Promise<{ readonly url: string; readonly monitoringUrl: string }> {
  const monitoring = `127.0.0.1:${await freePort()}`;
  const server = running.use(
    await startNatsServer({
      jetStream: true,
      dataDir: join(dataDir, 'nats'),
      config: `http: "${monitoring}"`,
    }),
  );
  keep('nats', server, () => server.stop('SIGKILL'));
  return { url: server.url, monitoringUrl: `http://${monitoring}` };
}

function keep(
  name: ServerName,
  server: Pick<Restartable, 'start' | 'exited'>,
  crash: Restartable['crash'],
): void {
  const { start, exited } = server;
  kept.set(
    name,
    keepRunning(name, { start, exited, crash }, (line) => process.stderr.write(`${line}\n`)),
  );
}
