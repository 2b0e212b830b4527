/** After the last fault: waits until every order is final and the books are right, and reads what there is then. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.ts';
import { type Check, reconcile } from '../load/reconcile.ts';
import type { Audit, Auditor } from './audit.ts';
import type { Bustle } from './crowd.ts';
import { ordersOf, pendingOf, type SeenOrder } from './observe.ts';
import { switchable } from './plan.ts';
import { booksOf, type Stage } from './stage.ts';

export interface Quiet {
  readonly orders: readonly SeenOrder[];
  readonly checks: readonly Check[];
  readonly audit: Audit;
}

export const isRight = ({ expected, found }: Check): boolean => expected === found;

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

/** Listeners hear of an order's end a little later than its customer: reads until all is right, or `deadline`. */
export async function untilRight(
  { admin, customers, before }: Stage,
  auditor: Auditor,
  since: number,
  deadline: number,
): Promise<Quiet> {
  for (;;) {
    const lists: SeenOrder[][] = [];
    for (const { id } of customers) lists.push(await ordersOf(admin, id, since));
    const orders = lists.flat();
    const audit = await auditor.audit();
    const checks = [...reconcile(before, await booksOf(admin), orders.map(toPlaced)), ...audit.checks];
    if (checks.every(isRight) || Date.now() > deadline) return { orders, checks, audit };
    await delay(1_000);
  }
}

const toPlaced = ({ id, status, total, items, payment }: SeenOrder) => ({
  ...{ id, status, total: { amount: total }, lines: items, payment },
});
