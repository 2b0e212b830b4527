/** The process of the clients: a closed loop over N connections, every answer checked. Told what to do over IPC. */
import { isDeepStrictEqual } from 'node:util';
import { percentile } from '../../report.ts';
import { type Answer, openConnection } from './http-connection.ts';
import type { FromClients, Task } from './messages.ts';

/** One more than this many wrong answers, and the run is off. */
const MAX_WRONG = 20;

/** Answers of each connection without which a sample says little: the first began before it, the last is not in it. */
const ENOUGH = 3;
/** How many times its length a slow gateway's sample may take to get them. */
const LONGER = 5;

process.on('message', (task: Task) => void run(task));
process.on('disconnect', () => process.exit(0));

async function run({ load, connections, warmUpMs, ms, right }: Task): Promise<void> {
  const latencies: number[] = [];
  const check = checker(right);
  let [measuring, wrong, all] = [false, 0, 0];
  let began = performance.now();
  let example: string | undefined;
  let failure: string | undefined;
  const enough = ENOUGH * connections;
  const ended = Promise.withResolvers<void>();
  const fail = (why: string) => {
    failure ??= why;
    ended.resolve();
  };
  const open = Array.from({ length: connections }, () =>
    openConnection(
      load,
      (answer) => {
        all += 1;
        if (!check(answer)) {
          wrong += 1;
          if (wrong > MAX_WRONG)
            fail(`wrong: ${answer.status} ${answer.body.toString('utf8').slice(0, 300)}`);
        }
        if (!measuring) return;
        latencies.push(answer.ms);
        if (latencies.length >= enough && performance.now() - began >= ms) ended.resolve();
      },
      (error) => fail(error.message),
    ),
  );
  const timer = setTimeout(() => {
    tell({ type: 'begin' });
    measuring = true;
    began = performance.now();
    setTimeout(() => {
      if (latencies.length >= enough) ended.resolve();
    }, ms);
    setTimeout(() => ended.resolve(), ms * LONGER);
  }, warmUpMs);
  await ended.promise;
  clearTimeout(timer);
  measuring = false;
  const seconds = (performance.now() - began) / 1_000;
  tell({
    type: 'end',
    answers: latencies.length,
    seconds,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    wrong,
    example,
    failure,
  });
  if (failure === undefined) await Promise.all(open.map((connection) => connection.stop()));
  tell({ type: 'idle', all });
}

/** Byte for byte where it can; a gateway that writes its fields in another order each time is parsed. */
function checker(right: string): (answer: Answer) => boolean {
  const rightAnswer: unknown = JSON.parse(right);
  const known: Buffer[] = [];
  return ({ status, body }) => {
    if (status !== 200) return false;
    if (known.some((bytes) => bytes.equals(body))) return true;
    try {
      const { data } = JSON.parse(body.toString('utf8'));
      if (!isDeepStrictEqual({ data }, rightAnswer)) return false;
    } catch {
      return false;
    }
    if (known.length < 3) known.push(Buffer.from(body));
    return true;
  };
}

const tell = (message: FromClients) => process.send?.(message);
