/** The NATS server and Consul agent of a cluster: those of the environment, or its own. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { UnavailableError } from '../cli/run.ts';
import { projectRoot } from '../cli/service-files.ts';
import type { FromServers } from './servers-process.ts';

export interface Servers {
  readonly natsUrl: string;
  /** Of our own NATS server; the environment names another's. */
  readonly natsMonitoringUrl: string | undefined;
  readonly consulAddress: string;
  readonly own: boolean;
  stop(): Promise<void>;
}

/**
 * Starts what the environment does not name, in a process of its own that ends with us even if we are killed.
 * @param report receives progress such as "fetching nats-server …".
 * @throws UnavailableError when a server can neither be found nor started.
 */
export async function startServers(
  given: { readonly natsUrl: string | undefined; readonly consulAddress: string | undefined },
  dataDir: string,
  report: (line: string) => void,
): Promise<Servers> {
  if (given.natsUrl !== undefined && given.consulAddress !== undefined) {
    const { natsUrl, consulAddress } = given;
    return {
      ...{ natsUrl, consulAddress, natsMonitoringUrl: undefined, own: false },
      stop: async () => undefined,
    };
  }
  const wanted = [given.natsUrl === undefined && 'nats', given.consulAddress === undefined && 'consul'];
  const child = fork(
    join(projectRoot, 'scripts/cluster/servers-process.ts'),
    [dataDir, ...wanted.filter((name) => name !== false)],
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
  if (answer.type === 'failed') throw new UnavailableError(answer.reason);
  return {
    natsUrl: given.natsUrl ?? answer.natsUrl ?? '',
    natsMonitoringUrl: answer.natsMonitoringUrl,
    consulAddress: given.consulAddress ?? answer.consulAddress ?? '',
    own: true,
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
