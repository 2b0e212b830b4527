/** A server process of ours: started, awaited until it answers, ended by its pid, never left behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const alive = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

export interface Child {
  readonly pid: number;
  /** Everything printed so far, the last 64 KiB. */
  output(): string;
  /** Ends the process and waits for it. SIGTERM by default; SIGKILL when it outlives `graceMs`, a minute. */
  end(signal?: NodeJS.Signals, graceMs?: number): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  readonly exited: Promise<void>;
}

export function startChild(
  command: string,
  args: readonly string[],
  options: {
    readonly env?: NodeJS.ProcessEnv;
    readonly cwd?: string;
    readonly uid?: number;
    readonly gid?: number;
  } = {},
): Child {
  const child = spawn(command, [...args], { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  alive.add(child);
  let text = '';
  const keep = (chunk: Buffer) => {
    text = (text + chunk.toString()).slice(-65_536);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  const exited = new Promise<void>((done) => {
    child.once('error', (error) => {
      keep(Buffer.from(String(error)));
      alive.delete(child);
      done();
    });
    child.once('exit', () => {
      alive.delete(child);
      done();
    });
  });
  return {
    pid: child.pid ?? -1,
    output: () => text,
    exited,
    signal: (signal) => void child.kill(signal),
    async end(signal = 'SIGTERM', graceMs = 60_000) {
      if (child.exitCode === null && child.signalCode === null && child.pid) {
        child.kill(signal);
        const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
        await exited;
        clearTimeout(timer);
      }
    },
  };
}

/**
 * Polls `ready` until it answers true; fails with the child's last output when it ends or takes too long. The limit is for
 * what hangs: a slow machine takes its time.
 */
export async function untilReady(
  child: Child,
  ready: () => Promise<boolean>,
  timeoutMs = 60_000,
): Promise<void> {
  let ended = false;
  void child.exited.then(() => {
    ended = true;
  });
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    if (ended) throw new Error(`ended before it was ready:\n${child.output().slice(-2_000)}`);
    if (await ready().catch(() => false)) return;
    if (Date.now() > deadline) {
      await child.end('SIGKILL');
      throw new Error(`not ready after ${timeoutMs} ms:\n${child.output().slice(-2_000)}`);
    }
    await delay(20);
  }
}

/** Does anything accept connections on this loopback port? */
export function accepts(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', () => done(false));
  });
}
