/** Which faults a run suffers, and when. Pure: the same seed and sizes make the same plan. */
import { type Random, random } from '../../services/common/seed/random.ts';

/** Services with fault switches. */
export const switchable = ['INVENTORY', 'PAYMENTS', 'SHIPPING'] as const;
type Switchable = (typeof switchable)[number];

/** What is done. `ms`: how long it lasts, where it lasts. */
export type FaultAction =
  /** `kill -9`; the process is started again by its supervisor. */
  | { readonly kind: 'kill' | 'kill gateway'; readonly node: string }
  /** SIGSTOP, and SIGCONT after longer than Consul's TTL (15 s), a saga's lease (10 s) and JetStream's ackWait (5 s). */
  | { readonly kind: 'pause'; readonly node: string; readonly ms: number }
  /** Crashed, its data kept, and away for so long. */
  | { readonly kind: 'nats' | 'consul' | 'postgres'; readonly ms: number }
  | { readonly kind: 'hang'; readonly service: Switchable; readonly ms: number }
  | { readonly kind: 'delay'; readonly service: Switchable; readonly ms: number; readonly delay: number }
  | { readonly kind: 'fail'; readonly service: Switchable; readonly ms: number; readonly failPercent: number }
  /** Each process of the service dies in its next command. */
  | { readonly kind: 'crash'; readonly service: Switchable };

export type FaultKind = FaultAction['kind'];

export type Fault = FaultAction & {
  /** It begins when so many orders have been answered: by progress and not by the clock, so that it can be replayed. */
  readonly at: number;
};

export interface PlanSize {
  readonly orders: number;
  readonly faults: number;
  /** Names of the processes, as `orders-1`; those of the gateway begin with `gateway-`. */
  readonly nodes: readonly string[];
  /** Whether there is a PostgreSQL to restart. */
  readonly postgres: boolean;
}

/** Dealt without repetition, then again: 20 faults have all kinds. */
const deck: readonly FaultKind[] = [
  ...Array<FaultKind>(7).fill('kill'),
  ...Array<FaultKind>(2).fill('kill gateway'),
  ...Array<FaultKind>(2).fill('pause'),
  ...Array<FaultKind>(2).fill('nats'),
  ...Array<FaultKind>(2).fill('postgres'),
  ...(['consul', 'hang', 'delay', 'fail', 'crash'] as const),
];

/** In the order of `at`, spread over the run. */
export function planFaults(seed: number, { orders, faults, nodes, postgres }: PlanSize): Fault[] {
  const kinds = deck.filter((kind) => postgres || kind !== 'postgres');
  const room = orders / (faults + 1);
  return Array.from({ length: faults }, (_, index) => {
    const draw = random('fault', seed, index);
    const dealt = random('deck', seed, Math.floor(index / kinds.length)).sample(kinds, kinds.length);
    const at = Math.floor(room * (index + draw.next()));
    return { at, ...actionOf(dealt[index % kinds.length] ?? 'kill', draw, nodes) };
  });
}

function actionOf(kind: FaultKind, draw: Random, nodes: readonly string[]): FaultAction {
  const isGateway = (node: string) => node.startsWith('gateway-');
  const service = draw.pick(switchable);
  switch (kind) {
    case 'kill':
      return { kind, node: draw.pick(nodes.filter((node) => !isGateway(node))) };
    case 'kill gateway':
      return { kind, node: draw.pick(nodes.filter(isGateway)) };
    case 'pause':
      return { kind, node: draw.pick(nodes), ms: draw.integer(16_000, 21_000) };
    case 'nats':
    case 'postgres':
      return { kind, ms: draw.integer(0, 3_000) };
    case 'consul':
      return { kind, ms: draw.integer(0, 5_000) };
    case 'hang':
      return { kind, service, ms: draw.integer(2_000, 18_000) };
    case 'delay':
      return { kind, service, ms: draw.integer(2_000, 10_000), delay: draw.integer(100, 2_000) };
    case 'fail':
      return { kind, service, ms: draw.integer(2_000, 10_000), failPercent: draw.integer(10, 60) };
    case 'crash':
      return { kind, service };
  }
}

/** For people: `at 120: pause orders-2 for 17.3 s`. */
export function describeFault(fault: Fault): string {
  const what =
    'node' in fault ? ` ${fault.node}` : 'service' in fault ? ` ${fault.service.toLowerCase()}` : '';
  const detail =
    fault.kind === 'delay' ? ` by ${fault.delay} ms` : fault.kind === 'fail' ? ` ${fault.failPercent} %` : '';
  const lasting = 'ms' in fault ? ` for ${(fault.ms / 1_000).toFixed(1)} s` : '';
  return `at ${fault.at}: ${fault.kind}${what}${detail}${lasting}`;
}
