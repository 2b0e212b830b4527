/** A disposable nats-server on loopback. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accepts, type Child, startChild, untilReady } from './child.ts';
import { findProgram, natsServer } from './find-program.ts';
import { freePort } from './free-port.ts';

export interface NatsServer extends AsyncDisposable {
  /** nats://127.0.0.1:PORT */
  readonly url: string;
  readonly port: number;
  /** Ends the server (SIGTERM by default) and keeps its port and data for `start`. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  start(): Promise<void>;
  /** Resolves when the process that runs now has ended. */
  exited(): Promise<void>;
  /** New text for the configuration file, read at the next start or by `reload`. */
  configure(config: string): Promise<void>;
  /** SIGHUP: applies a changed configuration to the running server. */
  reload(): void;
  output(): string;
}

/**
 * @param options.config further lines of nats-server configuration (tls, authorization, max_payload …).
 * @param options.jetStream on, with `sync_interval: always`, so that an acknowledgement means fsync.
 * @param options.dataDir kept at the end when given; a temporary folder otherwise.
 */
export async function startNatsServer(
  options: {
    readonly port?: number;
    readonly config?: string;
    readonly jetStream?: boolean;
    readonly dataDir?: string;
  } = {},
): Promise<NatsServer> {
  const binary = await findProgram(natsServer);
  const port = options.port ?? (await freePort());
  const work = await mkdtemp(join(tmpdir(), 'nats-'));
  const file = join(work, 'nats.conf');
  const store = options.dataDir ?? join(work, 'jetstream');
  const base = [
    `listen: "127.0.0.1:${port}"`,
    ...(options.jetStream
      ? [`jetstream { store_dir: ${JSON.stringify(store)}, sync_interval: always }`]
      : []),
  ].join('\n');
  let child: Child;
  const configure = (config: string) => writeFile(file, `${base}\n${config}\n`);
  const start = async () => {
    child = startChild(binary, ['-c', file]);
    await untilReady(child, () => accepts(port));
  };
  const stop = (signal?: NodeJS.Signals) => child.end(signal);
  await configure(options.config ?? '');
  await start();
  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    start,
    stop,
    exited: () => child.exited,
    configure,
    reload: () => child.signal('SIGHUP'),
    output: () => child.output(),
    async [Symbol.asyncDispose]() {
      await stop('SIGKILL');
      await rm(work, { recursive: true, force: true });
    },
  };
}
