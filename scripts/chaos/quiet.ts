/** After the last fault: waits until every order is final and the books are right, and reads what there is then. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.ts';
import { type Customer as Known, reconcileListeners } from '../load/listeners.ts';
import { type Check, reconcile } from '../load/reconcile.ts';
import { holds } from '../load/report.ts';
import type { Audit, Auditor } from './audit.ts';
import type { Bustle } from './crowd.ts';
import { createOnlooker } from './insist.ts';
import { ordersOf, pendingOf, rewardsOf, type SeenOrder } from './observe.ts';
import { switchable } from './plan.ts';
import { booksOf, type Stage } from './stage.ts';

export interface Quiet {
  readonly orders: readonly SeenOrder[];
  readonly checks: readonly Check[];
  readonly audit: Audit;
}

/** Resolves when no acknowledged order is pending, or at `deadline` (epoch ms). */
export async function untilFinal(
  cluster: Cluster,
  { admin, setFaults }: Stage,
  { history }: Bustle,
  deadline: number,
  report: (line: string) => void,
): Promise<void> {
  while (!cluster.nodes.every(({ up }) => up) && Date.now() < deadline) await delay(100);
  let pending: readonly string[] = history.flatMap(({ kind, answer }) =>
    kind === 'place' && answer.kind === 'order' ? [answer.id] : [],
  );
  for (;;) {
    // A process that was away when its switch was set back has not heard of it.
    for (const service of switchable) await setFaults(service, {});
    pending = await pendingOf(admin, pending);
    if (pending.length === 0 || Date.now() > deadline) return;
    report(`  ${pending.length} orders are not final yet`);
    await delay(500);
  }
}

/** Listeners hear of an order's end a little later than its customer: reads again until all is right, or for `patience` ms. */
export async function untilRight(
  { gateways }: Cluster,
  { admin, customers, before }: Stage,
  auditor: Auditor,
  since: number,
  patience: number,
): Promise<Quiet> {
  const deadline = Date.now() + patience;
  for (;;) {
    // A look at ten thousand orders takes long: what counts is whether it began in time.
    const last = Date.now() > deadline;
    const orders: SeenOrder[] = [];
    const known: Known[] = [];
    for (const { id, token } of customers) {
      const own = await ordersOf(admin, id, since);
      orders.push(...own);
      known.push({ id, orders: own.map(toPlaced), ...(await rewardsOf(createOnlooker(gateways, token))) });
    }
    const audit = await auditor.audit();
    const after = await booksOf(admin);
    const checks = [
      ...reconcile(before, after, orders.map(toPlaced)),
      ...reconcileListeners(before, after, known),
      ...audit.checks,
    ];
    if (checks.every(holds) || last) return { orders, checks, audit };
    await delay(1_000);
  }
}

const toPlaced = ({ id, status, total, items, payment }: SeenOrder) => ({
  ...{ id, status, total: { amount: total }, lines: items, payment },
});
