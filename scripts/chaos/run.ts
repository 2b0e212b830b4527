/** One run: a shop of processes, clients and faults at it, and what is left when everything is quiet. */
import { appendFileSync, createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { seedUser } from '../../services/common/seed/cast.ts';
import { shopFolder } from '../cli/service-files.ts';
import { type Cluster, startCluster } from '../cluster/cluster.ts';
import { keptPort } from '../infra/child.ts';
import { ask } from '../load/client.ts';
import { type Books, type Check, reconcile } from '../load/reconcile.ts';
import { type Audit, type Auditor, joinAsAuditor } from './audit.ts';
import { check, type Violation } from './check.ts';
import { type Customer, runErrand } from './client.ts';
import { type Assortment, errandOf } from './errand.ts';
import type { Operation } from './history.ts';
import { type Injected, inject, type SetFaults } from './inject.ts';
import { ordersOf, pendingOf, type SeenOrder, stockOf } from './observe.ts';
import { describeFault, type Fault, planFaults } from './plan.ts';

export interface ChaosOptions {
  readonly seed: number;
  readonly orders: number;
  readonly faults: number;
  /** At the same time. */
  readonly clients: number;
  readonly database: 'postgres' | 'sqlite';
  /** As `npm run cluster` takes it. */
  readonly replicas: string;
  /** ms after the last fault in which every order must be final, and every book right. */
  readonly within: number;
  /** Data, logs and evidence. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Progress, for people. */
  report(line: string): void;
}

export interface ChaosResult {
  readonly plan: readonly Fault[];
  readonly injected: readonly Injected[];
  readonly history: readonly Operation[];
  readonly orders: readonly SeenOrder[];
  readonly violations: readonly Violation[];
  readonly checks: readonly Check[];
  /** ms from the first order to the last answer. */
  readonly placedIn: number;
  /** ms from the later of an order's placing and the last fault's lifting to its end: the longest. */
  readonly longestRecovery: number;
  readonly evidence: { readonly audit: Audit; readonly sagas: Readonly<Record<string, unknown>> };
}

const CUSTOMERS = 20;
const PASSWORD = 'federation';

/** @throws whatever keeps the shop from starting; nothing is left running. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const { seed, orders: wanted, database, report, signal } = options;
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    ...{
      DATABASE_URL: '',
      NAMESPACE: '',
      SERVICES: '',
      SEED: 'true',
      DEMO_PASSWORD: PASSWORD,
      TOKEN_TTL: '86400',
    },
    ...{ LOG_FORMAT: 'json', LOG_LEVEL: 'info', DATA_DIR: join(options.folder, 'data') },
  };
  const cluster = await startCluster({
    ...{ servicesDir: shopFolder, dataDir: join(options.folder, 'data'), replicas: options.replicas },
    ...{ port: await keptPort(), natsUrl: undefined, consulAddress: undefined, namespace: '', env, signal },
    postgres: database === 'postgres',
    ...logsIn(join(options.folder, 'logs')),
  });
  try {
    const nodes = cluster.nodes.map(({ spec }) => spec.name);
    const plan = planFaults(seed, {
      orders: wanted,
      faults: options.faults,
      nodes,
      postgres: database === 'postgres',
    });
    report(`${nodes.length} processes: ${nodes.join(', ')}`);
    for (const fault of plan) report(`  ${describeFault(fault)}`);
    return await disturb(cluster, plan, env, options);
  } finally {
    for (const node of cluster.nodes) node.signal('SIGCONT');
    await cluster.stop();
  }
}

async function disturb(
  cluster: Cluster,
  plan: readonly Fault[],
  env: NodeJS.ProcessEnv,
  options: ChaosOptions,
): Promise<ChaosResult> {
  const { report, folder, within } = options;
  const [first = ''] = cluster.gateways;
  const admin = await login(first, seedUser(1).username);
  const customers = await Promise.all(
    Array.from({ length: CUSTOMERS }, async (_, index): Promise<Customer> => {
      const { id, username } = seedUser(index + 2);
      return { id, token: await login(first, username) };
    }),
  );
  const stock = await stockOf(first, admin);
  const before = await ask<Books>(first, books, {}, admin);
  const since = Date.now();
  const setFaults: SetFaults = async (service, faults) => {
    const text = `mutation ($service: FaultyService!, $delay: Int! = 0, $failPercent: Float! = 0, $hang: Boolean! = false, $crash: Boolean! = false) {
      setFaults(service: $service, delay: $delay, failPercent: $failPercent, hang: $hang, crash: $crash) { delay }
    }`;
    for (let tries = 0; !options.signal.aborted; tries += 1) {
      const url = cluster.gateways[tries % cluster.gateways.length] ?? first;
      if (
        await ask(url, text, { service, ...faults }, admin).then(
          () => true,
          () => false,
        )
      )
        return;
    }
  };

  const history: Operation[] = [];
  const injecting: Promise<Injected>[] = [];
  let answered = 0;
  const record = (operation: Operation) => {
    history.push(operation);
    appendFileSync(join(folder, 'history.jsonl'), `${JSON.stringify(operation)}\n`);
    if (operation.kind !== 'place') return;
    answered += 1;
    for (let next = plan[injecting.length]; next && next.at <= answered; next = plan[injecting.length]) {
      report(`${String(answered).padStart(6)} answered  ${describeFault(next)}`);
      injecting.push(inject(cluster, setFaults, next));
    }
  };

  const assortment = assort(stock, customers.length, options.orders);
  const shop = { gateways: cluster.gateways, since, customers, signal: options.signal };
  let order = 0;
  await Promise.all(
    Array.from({ length: options.clients }, async () => {
      while (order < options.orders && !options.signal.aborted) {
        order += 1;
        await runErrand(shop, errandOf(options.seed, order, assortment), record);
      }
    }),
  );
  options.signal.throwIfAborted();
  const placedIn = Date.now() - since;
  const injected = await Promise.all(injecting);
  const lastLifted = Math.max(since, ...injected.map(({ liftedAt }) => liftedAt));
  report(
    `${answered} answered in ${(placedIn / 1_000).toFixed(1)} s; the last fault is over, waiting for the rest`,
  );

  const ids = history.flatMap(({ kind, answer }) =>
    kind === 'place' && answer.kind === 'order' ? [answer.id] : [],
  );
  const deadline = Date.now() + within;
  for (let pending = ids; pending.length > 0; ) {
    // A process that was away when its switch was set back may not have heard of it.
    for (const service of ['INVENTORY', 'PAYMENTS', 'SHIPPING']) await setFaults(service, {});
    pending = await pendingOf(first, admin, pending);
    if (pending.length > 0) report(`  ${pending.length} not final yet`);
    if (Date.now() > deadline) break;
    if (pending.length > 0) await delay(500);
  }

  await using auditor = await joinAsAuditor({
    ...env,
    NATS_URL: cluster.servers.natsUrl,
    CONSUL_HTTP_ADDR: cluster.servers.consulAddress,
  });
  let orders: SeenOrder[] = [];
  let audit: Audit;
  let checks: Check[];
  for (;;) {
    orders = [];
    for (const { id } of customers) orders.push(...(await ordersOf(first, admin, id, since)));
    audit = await auditor.audit();
    checks = [
      ...reconcile(before, await ask<Books>(first, books, {}, admin), orders.map(toPlaced)),
      ...audit.checks,
    ];
    // Listeners hear of an order's end a little later than its customer.
    if (checks.every(isRight) || Date.now() > deadline) break;
    await delay(1_000);
  }
  const violations = check({ history, orders, stock });
  const longestRecovery = Math.max(
    0,
    ...orders.map(({ placedAt, lastAt }) => lastAt - Math.max(placedAt, lastLifted)),
  );
  const sagas = await sagasOf(auditor, violations);
  return {
    plan,
    injected,
    history,
    orders,
    violations,
    checks,
    placedIn,
    longestRecovery,
    evidence: { audit, sagas },
  };
}

export const isRight = ({ expected, found }: Check): boolean => expected === found;

const books = `{ stockTotals { available reserved sold }
  paymentTotals { captured { amount } refunded { amount } } }`;

const toPlaced = ({ id, status, total, items, payment }: SeenOrder) => ({
  ...{ id, status, total: { amount: total }, lines: items, payment },
});

async function login(url: string, username: string): Promise<string> {
  const text =
    'mutation ($username: String!, $password: String!) { login(username: $username, password: $password) { token } }';
  return (await ask<{ login: { token: string } }>(url, text, { username, password: PASSWORD })).login.token;
}

/** Scarce is what has few pieces, together half of what a fifth of the orders will ask for. */
function assort(stock: ReadonlyMap<string, number>, customers: number, orders: number): Assortment {
  const rising = [...stock].filter(([, pieces]) => pieces > 0).sort(([, a], [, b]) => a - b);
  const scarce: string[] = [];
  let pieces = 0;
  for (const [id, available] of rising) {
    if (pieces >= orders * 0.2) break;
    scarce.push(id);
    pieces += available;
  }
  const plenty = rising.slice(scarce.length).map(([id]) => id);
  return { customers, plenty, scarce };
}

async function sagasOf(auditor: Auditor, violations: readonly Violation[]): Promise<Record<string, unknown>> {
  const ids = [...new Set(violations.flatMap(({ id }) => (id === undefined ? [] : [id])))].slice(0, 50);
  const entries = ids.map(async (id) => [id, await auditor.saga(id).catch(String)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/** A file for each node, and one for what happens to them. */
function logsIn(folder: string) {
  mkdirSync(folder, { recursive: true });
  const files = new Map<string, ReturnType<typeof createWriteStream>>();
  const write = (name: string, line: string) => {
    const file = files.get(name) ?? createWriteStream(join(folder, `${name}.log`), { flags: 'a' });
    files.set(name, file);
    file.write(`${line}\n`);
  };
  return {
    output: (node: string, line: string) => write(node, line),
    event: (text: string, node = 'servers') =>
      write('cluster', `${new Date().toISOString()} ${node} ${text}`),
  };
}
