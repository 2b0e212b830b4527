import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { projectRoot } from '../../../scripts/cli/service-files.ts';
import { startChild, untilReady } from '../../../scripts/infra/child.ts';
import { freePort } from '../../../scripts/infra/free-port.ts';
import { type QueryName, queries, queryNames } from '../workload/queries.ts';
import type { Gateway, Setting } from './gateway.ts';

export interface RunningGateway extends AsyncDisposable {
  readonly gateway: Gateway;
  readonly pid: number;
  readonly port: number;
  /** Why a query is not measured, or not any more: a wrong answer, or none. */
  readonly faults: Partial<Record<QueryName, string>>;
  output(): string;
}

const READY_MS = 60_000;
/** After the first answer; subgraphs may join one by one. */
const COMPLETE_MS = 10_000;

/** Starts a gateway and waits until it answers; what it then still answers wrongly is one of its faults. */
export async function runGateway(gateway: Gateway, setting: Setting): Promise<RunningGateway> {
  const port = await freePort();
  const { command, args, env, cwd } = await gateway.prepare(setting, port);
  const { PATH = '', HOME = '', TMPDIR = '' } = process.env;
  const child = startChild(command, args, {
    cwd: cwd ?? projectRoot,
    env: { PATH, HOME, ...(TMPDIR && { TMPDIR }), NODE_ENV: 'production', NO_COLOR: '1', ...env },
  });
  const fault = async (name: QueryName): Promise<string | undefined> => {
    const answer = await ask(port, queries[name]);
    try {
      const { data, errors } = JSON.parse(answer);
      if (errors === undefined && isDeepStrictEqual({ data }, JSON.parse(setting.answers[name])))
        return undefined;
      return errors
        ? `errors: ${JSON.stringify(errors).slice(0, 300)}`
        : difference(data, JSON.parse(setting.answers[name]).data);
    } catch {
      return `no JSON: ${answer.slice(0, 300)}`;
    }
  };
  await untilReady(child, async () => (await fault('simple')) === undefined, READY_MS);
  const complete = Date.now() + COMPLETE_MS;
  while (Date.now() < complete && (await fault('heavy')) !== undefined) await delay(100);
  const found = await Promise.all(queryNames.map(async (name) => [name, await fault(name)] as const));
  const faults = Object.fromEntries(found.filter((entry) => entry[1] !== undefined));
  return {
    gateway,
    pid: child.pid,
    port,
    faults,
    output: child.output,
    [Symbol.asyncDispose]: () => child.end(),
  };
}

function ask(port: number, query: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', accept: 'application/json' };
    const sent = request({
      port,
      host: '127.0.0.1',
      path: '/graphql',
      method: 'POST',
      headers,
      timeout: 10_000,
    });
    sent.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve(text));
    });
    sent.on('timeout', () => sent.destroy(new Error('no answer')));
    sent.on('error', reject);
    sent.end(JSON.stringify({ query }));
  });
}

/** The first place at which two answers differ. */
function difference(got: unknown, right: unknown, path = 'data'): string {
  if (typeof got !== 'object' || typeof right !== 'object' || got === null || right === null)
    return `${path} is ${JSON.stringify(got)}, not ${JSON.stringify(right)}`;
  const keys = new Set([...Object.keys(got), ...Object.keys(right)]);
  const at = (value: object, key: string) => (value as Record<string, unknown>)[key];
  const key = [...keys].find((name) => !isDeepStrictEqual(at(got, name), at(right, name)));
  return key === undefined ? `${path} differs` : difference(at(got, key), at(right, key), `${path}.${key}`);
}
