/** A run's result, for people and for machines. Pure. */
import { holds, reportOf } from '../load/report.ts';
import type { ViolationKind } from './check.ts';
import type { ChaosResult } from './run.ts';

export interface Figures {
  readonly acknowledged: number;
  readonly confirmed: number;
  readonly cancelled: number;
  readonly rejected: number;
  /** Attempts without an answer, by what they failed with. */
  readonly retries: Readonly<Record<string, number>>;
  readonly cancellations: { readonly taken: number; readonly tooLate: number };
  readonly conflictsRefused: number;
  readonly repeats: number;
  readonly faults: Readonly<Record<string, number>>;
  /** Answers a second while there were orders to place. */
  readonly ordersPerSecond: number;
  /** After the last fault. */
  readonly longestRecoverySeconds: number;
  /** From its placing to its end. */
  readonly longestOrderSeconds: number;
  readonly cancelledBecause: Readonly<Record<string, number>>;
  readonly violations: Readonly<Record<ViolationKind, number>>;
  readonly wrongBooks: number;
}

const kinds: readonly ViolationKind[] = [
  ...(['lost', 'doubled', 'charged twice', 'oversold', 'stuck', 'wrong end', 'wrong order'] as const),
  ...(['conflict not refused', 'wrong refusal', 'unanswered'] as const),
];

export function figuresOf({
  history,
  orders,
  violations,
  checks,
  injected,
  placedIn,
  longestRecovery,
  longestOrder,
}: ChaosResult): Figures {
  const answers = (kind: string, answer: string) =>
    history.filter((operation) => operation.kind === kind && operation.answer.kind === answer).length;
  const ended = (status: string) => orders.filter((order) => order.status === status).length;
  return {
    acknowledged: answers('place', 'order'),
    confirmed: ended('CONFIRMED'),
    cancelled: ended('CANCELLED'),
    rejected: answers('place', 'refused'),
    retries: tally(history.flatMap(({ failures }) => failures)),
    cancellations: { taken: answers('cancel', 'order'), tooLate: answers('cancel', 'refused') },
    conflictsRefused: answers('conflict', 'refused'),
    repeats: answers('repeat', 'order'),
    faults: tally(injected.map(({ fault }) => fault.kind)),
    ordersPerSecond: Math.round((answers('place', 'order') * 10_000) / placedIn) / 10,
    longestRecoverySeconds: Math.round(longestRecovery / 100) / 10,
    longestOrderSeconds: Math.round(longestOrder / 100) / 10,
    cancelledBecause: tally(orders.flatMap(({ reason }) => (reason === null ? [] : [reason]))),
    violations: Object.fromEntries(
      kinds.map((kind) => [kind, violations.filter((violation) => violation.kind === kind).length]),
    ) as Record<ViolationKind, number>,
    wrongBooks: checks.filter((each) => !holds(each)).length,
  };
}

export function table(result: ChaosResult): string {
  const figures = figuresOf(result);
  const list = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .map(([what, count]) => `${what} ${count}`)
      .join(', ') || 'none';
  const { taken, tooLate } = figures.cancellations;
  const retries = Object.values(figures.retries).reduce((sum, count) => sum + count, 0);
  const rows: [string, string][] = [
    ['orders acknowledged', `${figures.acknowledged} (${figures.ordersPerSecond} a second)`],
    ['  confirmed', `${figures.confirmed}`],
    ['  cancelled', `${figures.cancelled} (${list(figures.cancelledBecause)})`],
    ['rejected: out of stock', `${figures.rejected}`],
    ['client retries', `${retries} (${list(figures.retries)})`],
    ['cancellations', `${taken} taken, ${tooLate} too late`],
    ['keys repeated', `${figures.repeats} the same order, ${figures.conflictsRefused} conflicts refused`],
    ['faults', `${result.injected.length} (${list(figures.faults)})`],
    ['longest recovery', `${figures.longestRecoverySeconds} s after the last fault`],
    ['longest order', `${figures.longestOrderSeconds} s from its placing to its end`],
    ...kinds.map((kind): [string, string] => [kind, `${figures.violations[kind]}`]),
  ];
  return `${rows.map(([what, value]) => `${what.padEnd(24)}${value}`).join('\n')}\n\n${reportOf(result.checks)}`;
}

function tally(items: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[item] = (counts[item] ?? 0) + 1;
  return counts;
}
