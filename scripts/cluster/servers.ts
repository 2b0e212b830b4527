/** The NATS server and Consul agent of a cluster, and a PostgreSQL where one is wanted: those of the environment, or its own. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { UnavailableError } from '../cli/run.ts';
import { projectRoot } from '../cli/service-files.ts';
import type { FromServers, ServerName, ToServers } from './servers-process.ts';

export interface Servers {
  readonly natsUrl: string;
  /** Of our own NATS server; the environment names another's. */
  readonly natsMonitoringUrl: string | undefined;
  readonly consulAddress: string;
  /** Of our own PostgreSQL, where one was wanted. */
  readonly databaseUrl: string | undefined;
  readonly own: boolean;
  /** Crashes one of our own (data kept) and leaves it away for `downMs`; resolves when it answers again. */
  restart(server: ServerName, downMs: number): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts what the environment does not name, in a process of its own that ends with us even if we are killed.
 * @param report receives progress such as "fetching nats-server …".
 * @throws UnavailableError when a server can neither be found nor started.
 */
export async function startServers(
  given: {
    readonly natsUrl: string | undefined;
    readonly consulAddress: string | undefined;
    /** Starts a PostgreSQL with an empty database. */
    readonly postgres?: boolean;
  },
  dataDir: string,
  report: (line: string) => void,
): Promise<Servers> {
  if (given.natsUrl !== undefined && given.consulAddress !== undefined && !given.postgres) {
    const { natsUrl, consulAddress } = given;
    return {
      ...{ natsUrl, consulAddress, natsMonitoringUrl: undefined, databaseUrl: undefined, own: false },
      restart: (server) => Promise.reject(new Error(`${server} is not ours to restart`)),
      stop: async () => undefined,
    };
  }
  const wanted = [
    given.natsUrl === undefined && 'nats',
    given.consulAddress === undefined && 'consul',
    given.postgres && 'postgres',
  ];
  const child = fork(
    join(projectRoot, 'scripts/cluster/servers-process.ts'),
    [dataDir, ...wanted.filter((name) => typeof name === 'string')],
    { stdio: ['ignore', 'inherit', 'pipe', 'ipc'], detached: true, execArgv: [] },
  );
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    for (const line of text.split('\n')) if (line.trim() !== '') report(line);
  });
  const exited = once(child, 'exit');
  const answer = await Promise.race([
    once(child, 'message').then(([message]) => message as FromServers),
    exited.then((): FromServers => ({ type: 'failed', reason: 'NATS and Consul could not be started' })),
  ]);
  if (answer.type !== 'ready') {
    throw new UnavailableError(answer.type === 'failed' ? answer.reason : 'the servers answer out of turn');
  }
  return {
    natsUrl: given.natsUrl ?? answer.natsUrl ?? '',
    natsMonitoringUrl: answer.natsMonitoringUrl,
    consulAddress: given.consulAddress ?? answer.consulAddress ?? '',
    databaseUrl: answer.databaseUrl,
    own: true,
    restart(server, downMs) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const hear = (message: FromServers) => {
        if (message.type !== 'restarted' || message.server !== server) return;
        child.off('message', hear);
        resolve();
      };
      child.on('message', hear);
      void exited.then(() => reject(new Error('the servers have ended')));
      child.send({ type: 'restart', server, downMs } satisfies ToServers);
      return promise;
    },
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
