/** One run: a shop of processes, clients and faults at it, and what is left when everything is quiet. */
import { join } from 'node:path';
import { shopFolder } from '../cli/service-files.ts';
import { type Cluster, startCluster } from '../cluster/cluster.ts';
import type { Check } from '../load/reconcile.ts';
import { type Audit, type Auditor, joinAsAuditor } from './audit.ts';
import { check, type Violation } from './check.ts';
import { letThemShop } from './crowd.ts';
import type { Operation } from './history.ts';
import type { Injected } from './inject.ts';
import { nodeLogs } from './node-logs.ts';
import type { SeenOrder } from './observe.ts';
import { describeFault, planFaults } from './plan.ts';
import { untilFinal, untilRight } from './quiet.ts';
import { DEMO_PASSWORD, setStage } from './stage.ts';

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
  /** For data, logs and the history. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Progress, for people. */
  report(line: string): void;
}

export interface ChaosResult {
  readonly injected: readonly Injected[];
  readonly history: readonly Operation[];
  readonly orders: readonly SeenOrder[];
  readonly violations: readonly Violation[];
  readonly checks: readonly Check[];
  /** ms from the first order to the last answer. */
  readonly placedIn: number;
  /** ms from the last fault's lifting, or the order's placing if that was later, to the order's end: the longest. */
  readonly longestRecovery: number;
  /** ms from an order's placing to its end: the longest. */
  readonly longestOrder: number;
  readonly audit: Audit;
  /** Of orders that violate something, as they are stored. */
  readonly sagas: Readonly<Record<string, unknown>>;
}

/** @throws whatever keeps the shop from starting, or the signal's reason; nothing is left running. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const dataDir = join(options.folder, 'data');
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    ...{ DATABASE_URL: '', NAMESPACE: '', SEED: 'true', DEMO_PASSWORD, TOKEN_TTL: '86400' },
    ...{ LOG_FORMAT: 'json', LOG_LEVEL: 'info', DATA_DIR: dataDir },
  };
  const cluster = await startCluster({
    ...{
      servicesDir: shopFolder,
      dataDir,
      replicas: options.replicas,
      port: 0,
    },
    ...{ natsUrl: undefined, consulAddress: undefined, postgres: options.database === 'postgres' },
    ...{ namespace: '', env, signal: options.signal, ...nodeLogs(join(options.folder, 'logs')) },
  });
  try {
    return await observe(cluster, env, options);
  } finally {
    // A stopped process hears no SIGTERM.
    for (const node of cluster.nodes) node.signal('SIGCONT');
    await cluster.stop();
  }
}

async function observe(
  cluster: Cluster,
  env: NodeJS.ProcessEnv,
  options: ChaosOptions,
): Promise<ChaosResult> {
  const { seed, faults, database, within, report } = options;
  const nodes = cluster.nodes.map(({ spec }) => spec.name);
  const plan = planFaults(seed, { orders: options.orders, faults, nodes, postgres: database === 'postgres' });
  report(`${nodes.length} processes: ${nodes.join(', ')}`);
  for (const fault of plan) report(`  ${describeFault(fault)}`);

  const stage = await setStage(cluster.gateways, options.orders);
  const bustle = await letThemShop(cluster, stage, plan, options);
  const { history, injected, since, placedIn } = bustle;
  report(`all answered after ${(placedIn / 1_000).toFixed(1)} s, and the last fault is over`);

  const lifted = Math.max(since, ...injected.map(({ liftedAt }) => liftedAt));
  await untilFinal(cluster, stage, bustle, lifted + within, report);
  await using auditor = await joinAsAuditor({
    ...env,
    NATS_URL: cluster.servers.natsUrl,
    CONSUL_HTTP_ADDR: cluster.servers.consulAddress,
  });
  const { orders, checks, audit } = await untilRight(cluster, stage, auditor, since, within);
  const recoveryOf = ({ placedAt, lastAt }: SeenOrder) => lastAt - Math.max(placedAt, lifted);
  const late = orders.filter((order) => recoveryOf(order) > within);
  const violations = [
    ...check({ history, orders, stock: stage.stock }),
    ...late.map((order) => ({
      ...{ kind: 'stuck' as const, id: order.id },
      what: `final only ${Math.round(recoveryOf(order) / 1_000)} s after the last fault`,
    })),
  ];
  const longest = (of: (order: SeenOrder) => number) =>
    orders.reduce((most, order) => Math.max(most, of(order)), 0);
  return {
    ...{ injected, history, orders, violations, checks, placedIn, audit },
    longestRecovery: longest(recoveryOf),
    longestOrder: longest(({ placedAt, lastAt }) => lastAt - placedAt),
    sagas: await sagasOf(auditor, violations),
  };
}

async function sagasOf(auditor: Auditor, violations: readonly Violation[]): Promise<Record<string, unknown>> {
  const ids = [...new Set(violations.flatMap(({ id }) => (id === undefined ? [] : [id])))].slice(0, 50);
  const entries = ids.map(async (id) => [id, await auditor.saga(id).catch(String)] as const);
  return Object.fromEntries(await Promise.all(entries));
}
