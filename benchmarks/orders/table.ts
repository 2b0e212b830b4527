/** What was measured, as figures and as a table. Pure. */
import { percentile } from '../report.ts';
import type { Ceilings } from './ceilings.ts';
import type { ShopRun } from './embedded.ts';

export interface Measured {
  readonly ceilings: Ceilings;
  readonly embedded: ShopRun;
  readonly cluster: ShopRun;
}

interface Times {
  /** ms */
  readonly p50: number;
  readonly p99: number;
}

interface ShopFigures {
  readonly orders: number;
  readonly ordersPerSecond: number;
  readonly cpuMicrosPerOrder: number;
  /** Full load, then half of it. */
  readonly eventLatency: Times;
  readonly eventLatencyAtHalf: Times;
  readonly untilSettled: Times;
  readonly untilSettledAtHalf: Times;
}

export interface Figures {
  readonly embedded: ShopFigures;
  readonly cluster: ShopFigures;
  readonly ceilings: Ceilings;
}

export function figuresOf({ ceilings, embedded, cluster }: Measured): Figures {
  return { embedded: shop(embedded), cluster: shop(cluster), ceilings };
}

function shop({ full, half, cpu }: ShopRun): ShopFigures {
  const times = (values: readonly number[]): Times => ({
    p50: percentile(values, 0.5),
    p99: percentile(values, 0.99),
  });
  return {
    ...{ orders: full.orders, ordersPerSecond: full.ordersPerSecond, cpuMicrosPerOrder: cpu },
    ...{ eventLatency: times(full.latencies), eventLatencyAtHalf: times(half.latencies) },
    ...{ untilSettled: times(full.untilSettled), untilSettledAtHalf: times(half.untilSettled) },
  };
}

const GOALS = { embedded: 300, latencyMs: 50, relayShare: 0.5 };

export function table({ embedded, cluster, ceilings }: Figures): string {
  const row = (name: string, of: ShopFigures) =>
    `| ${name} | ${of.orders} | ${whole(of.ordersPerSecond)} | ${whole(of.cpuMicrosPerOrder)} | ${times(of.eventLatency)} | ${times(of.eventLatencyAtHalf)} | ${times(of.untilSettled)} | ${times(of.untilSettledAtHalf)} |`;
  const share = ceilings.relayedPerSecond / ceilings.pipelinedPerSecond;
  return [
    '| shop | orders | orders/s | CPU µs/order | event, full load | event, half load | settled, full load | settled, half load |',
    '|---|--:|--:|--:|--:|--:|--:|--:|',
    row('embedded, one process', embedded),
    row('cluster, a process each', cluster),
    '',
    'Times in ms, p50 / p99. Event: from just before its commit to its handler. Settled: from placed to confirmed.',
    '',
    '| alone, with the same sync to the disk | a second |',
    '|---|--:|',
    `| commits to SQLite, one by one | ${whole(ceilings.commitsPerSecond)} |`,
    `| publishes to JetStream, one by one | ${whole(ceilings.publishesPerSecond)} |`,
    `| publishes to JetStream, 100 under way | ${whole(ceilings.pipelinedPerSecond)} |`,
    `| events through outbox and relay to JetStream | ${whole(ceilings.relayedPerSecond)} |`,
    '',
    goal(`embedded ≥ ${GOALS.embedded} orders/s`, embedded.ordersPerSecond >= GOALS.embedded),
    goal(
      `event latency p99 ≤ ${GOALS.latencyMs} ms in the cluster at half load`,
      cluster.eventLatencyAtHalf.p99 <= GOALS.latencyMs,
    ),
    goal(
      `relay ≥ ${100 * GOALS.relayShare} % of bare publishing (${whole(100 * share)} %)`,
      share >= GOALS.relayShare,
    ),
  ].join('\n');
}

const goal = (text: string, met: boolean): string => `goal: ${text}: ${met ? 'met' : 'MISSED'}`;
const whole = (value: number): string => Math.round(value).toLocaleString('en-US');
const times = ({ p50, p99 }: Times): string => `${whole(p50)} / ${whole(p99)}`;
