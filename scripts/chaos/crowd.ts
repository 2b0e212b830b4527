/** The clients, and the faults that meet them. */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from '../cluster/cluster.ts';
import { runErrand } from './client.ts';
import { errandOf } from './errand.ts';
import type { Operation } from './history.ts';
import { type Injected, inject } from './inject.ts';
import { describeFault, type Fault } from './plan.ts';
import type { ChaosOptions } from './run.ts';
import type { Stage } from './stage.ts';

export interface Bustle {
  readonly history: readonly Operation[];
  readonly injected: readonly Injected[];
  /** Epoch ms. */
  readonly since: number;
  /** ms from the first order to the last answer. */
  readonly placedIn: number;
}

/** No fault lasts half as long: a shop that has answered nobody for so many ms will not any more. */
const STANDSTILL_MS = 120_000;

/** Resolves when every client has its answers and every fault is lifted, or when nobody gets an answer any more. */
export async function letThemShop(
  cluster: Cluster,
  { customers, assortment, setFaults }: Stage,
  plan: readonly Fault[],
  { seed, orders, clients, folder, report, signal }: ChaosOptions,
): Promise<Bustle> {
  const since = Date.now();
  const history: Operation[] = [];
  const injecting: Promise<Injected>[] = [];
  let answered = 0;
  const standstill = new AbortController();
  const timer = setTimeout(() => {
    report(`nobody has had an answer for ${STANDSTILL_MS / 1_000} s: the clients give up`);
    standstill.abort();
  }, STANDSTILL_MS);
  const begin = () => {
    for (let next = plan[injecting.length]; next && next.at <= answered; next = plan[injecting.length]) {
      report(`${String(answered).padStart(6)} answered  ${describeFault(next)}`);
      injecting.push(inject(cluster, setFaults, next));
    }
  };
  const record = (operation: Operation) => {
    history.push(operation);
    timer.refresh();
    // At once: whoever looks for what went wrong needs it most when the run was cut short.
    appendFileSync(join(folder, 'history.jsonl'), `${JSON.stringify(operation)}\n`);
    if (operation.kind !== 'place') return;
    answered += 1;
    begin();
  };

  begin();
  const givenUp = AbortSignal.any([signal, standstill.signal]);
  const shop = { gateways: cluster.gateways, since, customers, signal: givenUp };
  let order = 0;
  const client = async () => {
    while (order < orders && !givenUp.aborted) {
      order += 1;
      await runErrand(shop, errandOf(seed, order, assortment), record);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  clearTimeout(timer);
  signal.throwIfAborted();
  const placedIn = Date.now() - since;
  return { history, injected: await Promise.all(injecting), since, placedIn };
}
