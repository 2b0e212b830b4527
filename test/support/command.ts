/** A command of ours, run as a person would: its lines awaited, its end awaited, nothing left behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import { projectRoot } from '../../scripts/cli/service-files.ts';

export interface Command extends AsyncDisposable {
  readonly pid: number;
  /** Everything printed so far, stdout and stderr. */
  output(): string;
  /** Everything printed so far to stderr. */
  errorOutput(): string;
  /** Resolves with the match once the output has it; rejects with the output if the command ends before. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
  signal(signal: NodeJS.Signals): void;
  /** Exit code, or null when a signal ended it; all output has been read by then. */
  readonly exited: Promise<number | null>;
}

/**
 * Runs one of scripts/ with Node.
 * @param options.env over a clean environment with PORT=0: nothing of the caller's configuration leaks in.
 * @param options.input all of its standard input.
 */
export function runScript(
  script: string,
  args: readonly string[] = [],
  options: { readonly env?: Readonly<Record<string, string>>; readonly input?: string } = {},
): Command {
  const { PATH = '', HOME = '', CI = '', NATS_SERVER_BIN = '', CONSUL_BIN = '' } = process.env;
  const child = spawn(
    process.execPath,
    ['--conditions=source', '--disable-warning=ExperimentalWarning', `scripts/${script}.ts`, ...args],
    {
      cwd: projectRoot,
      env: { PATH, HOME, CI, NATS_SERVER_BIN, CONSUL_BIN, NO_COLOR: '1', PORT: '0', ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  );
  child.stdin.end(options.input);
  return watchOutput(child);
}

function watchOutput(child: ChildProcess): Command {
  let text = '';
  let errors = '';
  let ended = false;
  const waiting = new Set<() => void>();
  const changed = () => {
    for (const check of waiting) check();
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (stream === child.stderr) errors += chunk;
      changed();
    });
  }
  const exited = new Promise<number | null>((done) => {
    child.once('close', (code) => {
      ended = true;
      changed();
      done(code);
    });
  });
  return {
    pid: child.pid ?? -1,
    output: () => text,
    errorOutput: () => errors,
    exited,
    signal: (signal) => void child.kill(signal),
    until(pattern) {
      return new Promise((resolve, reject) => {
        const check = () => {
          const match = pattern.exec(text);
          if (!match && !ended) return;
          waiting.delete(check);
          if (match) resolve(match);
          else reject(new Error(`ended without ${pattern}:\n${text.slice(-4_000)}`));
        };
        waiting.add(check);
        check();
      });
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM');
        // Later than the command itself gives up on what does not stop.
        const timer = setTimeout(() => child.kill('SIGKILL'), 90_000);
        await exited;
        clearTimeout(timer);
      }
    },
  };
}
