import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { FromSubgraphs } from './messages.ts';

export interface SubgraphProcess extends AsyncDisposable {
  /** By subgraph; empty for Moleculer services. */
  readonly urls: Readonly<Record<string, string>>;
  /** Requests answered so far. */
  count(): Promise<number>;
}

/** @param script beside this file; it says `ready`, then a count for every message. */
export async function startSubgraphs(
  script: string,
  env: Readonly<Record<string, string>> = {},
): Promise<SubgraphProcess> {
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), {
    execArgv: ['--conditions=source', '--disable-warning=ExperimentalWarning'],
    env: { ...process.env, NODE_ENV: 'production', LOG_LEVEL: 'error', ...env },
  });
  const ended = once(child, 'exit').then(() => Promise.reject(new Error(`${script} ended`)));
  ended.catch(() => undefined);
  const message = async (): Promise<FromSubgraphs> => {
    const [first] = await Promise.race([once(child, 'message'), ended]);
    return first;
  };
  const ready = await message();
  if (ready.type !== 'ready') throw new Error(`${script} is not ready`);
  return {
    urls: ready.urls,
    async count() {
      const answer = message();
      child.send('count');
      const counted = await answer;
      if (counted.type !== 'count') throw new Error(`${script} does not count`);
      return counted.requests;
    },
    async [Symbol.asyncDispose]() {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}
