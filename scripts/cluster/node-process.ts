/** One node's process, kept running: started again with backoff when it crashes, until it is told to stop. */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { FromNode } from '../cli/node-messages.ts';
import { UnavailableError } from '../cli/run.ts';
import { projectRoot } from '../cli/service-files.ts';
import type { NodeSpec } from './replicas.ts';

const FIRST_RESTART_MS = 250;
const LAST_RESTART_MS = 10_000;
/** A node that ran this long was well: its next crash counts as the first. */
const WELL_AFTER_MS = 10_000;

/** A timer's longest: nobody but a person who changes something ends this wait. */
const UNTIL_RETRIED_MS = 2 ** 31 - 1;

export type Started = Extract<FromNode, { type: 'started' }>;

export interface NodeProcess {
  readonly spec: NodeSpec;
  readonly pid: number | undefined;
  /** From the moment its broker has started to the end of the process. */
  readonly up: boolean;
  /** What the broker said when it first started; rejects with UnavailableError when the node failed in a way no restart can mend. */
  readonly started: Promise<Started>;
  /** Starts it at once if it has given up or waits to be started again; a running process is left alone. */
  retry(): void;
  /** Sends a signal to the process that runs now; false when there is none. */
  signal(signal: NodeJS.Signals): boolean;
  /** SIGTERM, SIGKILL after `graceMs`; resolves when the process is gone. It is not started again. */
  stop(graceMs: number): Promise<void>;
}

/**
 * @param options.output receives every line the process prints.
 * @param options.event receives what happens to the process, as a sentence's end: "started", "crashed (SIGKILL), …".
 */
export function runNode(
  spec: NodeSpec,
  options: {
    readonly args: readonly string[];
    readonly env: NodeJS.ProcessEnv;
    output(line: string): void;
    event(text: string): void;
  },
): NodeProcess {
  let child: ChildProcess | undefined;
  let exited = Promise.resolve();
  const stopping = new AbortController();
  const started = Promise.withResolvers<Started>();
  let up = false;
  let wasUp = false;
  // Nobody may be waiting any more when a node fails late.
  started.promise.catch(() => undefined);

  const runOnce = async (): Promise<{ final: boolean }> => {
    // detached: the terminal's Ctrl-C reaches only the supervisor, which stops the nodes in the right order.
    child = fork(join(projectRoot, 'scripts/node.ts'), [...options.args, spec.unit], {
      execArgv: ['--conditions=source', '--disable-warning=ExperimentalWarning'],
      env: options.env,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: true,
    });
    const end = Promise.withResolvers<string>();
    exited = end.promise.then(() => undefined);
    let failure: { reason: string; final: boolean } | undefined;
    child.on('message', (message: FromNode) => {
      if (message.type === 'failed') failure = message;
      else {
        up = true;
        wasUp = true;
        options.event(`started (pid ${child?.pid})`);
        started.resolve(message);
      }
    });
    child.once('error', (error) => end.resolve(error.message));
    child.once('exit', (code, signal) => end.resolve(signal ?? `exit code ${code}`));
    for (const stream of [child.stdout, child.stderr]) if (stream) eachLine(stream, options.output);
    const how = await end.promise;
    up = false;
    if (stopping.signal.aborted) return { final: false };
    if (failure?.final) started.reject(new UnavailableError(`${spec.name}: ${failure.reason}`));
    // What has run before needs nobody's help: it waits for a database or a port that will be there again.
    const final = failure?.final === true && !wasUp;
    options.event(`crashed (${how})${final ? ', waiting for its files to change' : ''}`);
    return { final };
  };

  let endPause: () => void = () => undefined;
  const pause = async (ms: number) => {
    const paused = new AbortController();
    endPause = () => paused.abort();
    await delay(ms, undefined, { signal: paused.signal }).catch(() => undefined);
  };

  const keepRunning = async () => {
    let wait = FIRST_RESTART_MS;
    for (;;) {
      const since = Date.now();
      const { final } = await runOnce();
      if (stopping.signal.aborted) return;
      if (Date.now() - since > WELL_AFTER_MS) wait = FIRST_RESTART_MS;
      await pause(final ? UNTIL_RETRIED_MS : wait);
      if (stopping.signal.aborted) return;
      wait = Math.min(wait * 2, LAST_RESTART_MS);
    }
  };
  void keepRunning();

  return {
    spec,
    get pid() {
      return child?.pid;
    },
    get up() {
      return up;
    },
    started: started.promise,
    retry: () => endPause(),
    signal: (signal) => child?.kill(signal) ?? false,
    async stop(graceMs) {
      stopping.abort();
      endPause();
      child?.kill('SIGTERM');
      const timer = setTimeout(() => child?.kill('SIGKILL'), graceMs);
      await exited;
      clearTimeout(timer);
    },
  };
}

function eachLine(stream: Readable, output: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) output(line);
  });
  stream.on('end', () => {
    if (rest !== '') output(rest);
  });
}
