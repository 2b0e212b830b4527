/** A disposable RabbitMQ on loopback, with an Erlang port mapper of its own: the machine's is left alone. */
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { accepts, type Child, startChild, untilReady } from './child.ts';
import { unpackDebianPackages } from './debian.ts';
import { ProgramNotFoundError } from './find-program.ts';
import { freePort } from './free-port.ts';

const CACHE = fileURLToPath(new URL('../../.cache/infra/rabbitmq', import.meta.url));
const DEBIAN = { suite: 'bookworm', packages: ['rabbitmq-server'], dependencies: true };

export interface RabbitMq extends AsyncDisposable {
  /** amqp://127.0.0.1:PORT, user guest. */
  readonly url: string;
  /** SIGKILL by default; keeps port and data for `start`. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  start(): Promise<void>;
  output(): string;
}

export async function startRabbitMq(): Promise<RabbitMq> {
  const { server, erlang } = await findRabbitMq();
  const home = await mkdtemp(join(tmpdir(), 'rabbitmq-'));
  const [port, dist, mapper] = [await freePort(), await freePort(), await freePort()];
  const bin = await erlangShim(home, erlang);
  await writeFile(join(home, 'plugins'), '[].');
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    HOME: home,
    PATH: `${home}:${process.env.PATH ?? ''}`,
    ERL_EPMD_PORT: `${mapper}`,
    ERL_EPMD_ADDRESS: '127.0.0.1',
    // The start script then becomes the server instead of waiting for it: signals and the pid are the server's own.
    RUNNING_UNDER_SYSTEMD: 'yes',
    RABBITMQ_NODENAME: `r${port}@localhost`,
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: `${port}`,
    RABBITMQ_DIST_PORT: `${dist}`,
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
    RABBITMQ_MNESIA_BASE: join(home, 'data'),
    RABBITMQ_LOG_BASE: join(home, 'log'),
    RABBITMQ_LOGS: '-',
    RABBITMQ_CONFIG_FILE: join(home, 'rabbitmq'),
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    RABBITMQ_ENABLED_PLUGINS_FILE: join(home, 'plugins'),
    RABBITMQ_FEATURE_FLAGS_FILE: join(home, 'feature-flags'),
    RABBITMQ_PID_FILE: join(home, 'pid'),
  };
  const epmd = startChild(join(bin, 'epmd'), ['-port', `${mapper}`, '-address', '127.0.0.1'], { env });
  let child: Child;
  const start = async () => {
    child = startChild(server, [], { env });
    await untilReady(
      child,
      async () => child.output().includes('Server startup complete') && (await accepts(port)),
      120_000,
    );
  };
  const dispose = async () => {
    await child.end('SIGKILL');
    await epmd.end('SIGKILL');
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  };
  await start().catch(async (error) => {
    await dispose();
    throw error;
  });
  return {
    url: `amqp://guest:guest@127.0.0.1:${port}`,
    start,
    stop: (signal = 'SIGKILL') => child.end(signal),
    output: () => child.output(),
    [Symbol.asyncDispose]: dispose,
  };
}

/** The server's start script and Erlang's root folder, out of this project's cache or Debian. */
export async function findRabbitMq(): Promise<{ server: string; erlang: string }> {
  const cached = await unpacked();
  if (cached) return cached;
  let why = 'the unpacked package is not as expected';
  try {
    await unpackDebianPackages(DEBIAN, CACHE, async () => (await unpacked()) !== undefined);
    const fresh = await unpacked();
    if (fresh) return fresh;
  } catch (error) {
    why = (error as Error).message.split('\n', 1)[0] ?? '';
  }
  throw new ProgramNotFoundError(
    `RabbitMQ is not in .cache/infra, and not to be had from Debian (${why}). ` +
      'Only its own tests need it; SKIP_RABBITMQ=1 does without.',
  );
}

async function unpacked(): Promise<{ server: string; erlang: string } | undefined> {
  const lib = join(CACHE, 'usr/lib/rabbitmq/lib');
  const [version] = await readdir(lib).catch(() => []);
  if (!version) return undefined;
  return { server: join(lib, version, 'sbin/rabbitmq-server'), erlang: join(CACHE, 'usr/lib/erlang') };
}

/** Debian's `erl` knows only /usr/lib/erlang. Answers the folder of Erlang's own binaries. */
async function erlangShim(home: string, erlang: string): Promise<string> {
  const runtime = (await readdir(erlang)).find((name) => name.startsWith('erts-')) ?? '';
  const bin = join(erlang, runtime, 'bin');
  const shim = join(home, 'erl');
  await writeFile(
    shim,
    `#!/bin/sh\nROOTDIR='${erlang}' BINDIR='${bin}' EMU=beam PROGNAME=erl\nexport ROOTDIR BINDIR EMU PROGNAME\nexec "$BINDIR/erlexec" "$@"\n`,
  );
  await chmod(shim, 0o755);
  return bin;
}
