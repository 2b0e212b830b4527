/** Moleculer's REPL, made to run one line at a time and to answer every line before it leaves. */
import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { REPLEval, REPLServer } from 'node:repl';
import type { ServiceBroker } from 'moleculer';
import { meshCommands, type ReplCommand } from './commands.ts';

type StartRepl = (
  broker: ServiceBroker,
  options: { readonly delimiter: string; readonly customCommands: readonly ReplCommand[] },
) => REPLServer;

/** Resolves when the person has left (exit, Ctrl-D) or piped input has ended, and all its lines are answered. */
export async function runRepl(broker: ServiceBroker): Promise<void> {
  // CommonJS without types of its own for this entry.
  const startRepl: StartRepl = createRequire(import.meta.url)('moleculer-repl');
  let current = '';
  const print = (text: string) => process.stdout.write(`${text}\n`);
  const repl = startRepl(broker, {
    delimiter: 'mesh $',
    customCommands: meshCommands(() => current, print),
  });
  // Piped lines arrive all at once: without a queue they would run together, and be cut off by the end of input.
  let queue: Promise<unknown> = Promise.resolve();
  const evaluate = repl.eval;
  const serial: REPLEval = (line, context, file, done) => {
    queue = queue.then(
      () =>
        new Promise<void>((next) => {
          current = line;
          evaluate.call(repl, line, context, file, (error, result) => {
            done(error, result);
            next();
          });
        }),
    );
  };
  Object.assign(repl, { eval: serial, ignoreUndefined: true });
  // Theirs stops the broker while commands still run.
  repl.removeAllListeners('exit');
  await once(repl, 'exit');
  await queue;
}
