/** Does to a cluster what the plan says. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.ts';
import type { NodeProcess } from '../cluster/node-process.ts';
import type { Fault } from './plan.ts';

export interface Injected {
  readonly fault: Fault;
  /** Epoch ms. */
  readonly begunAt: number;
  /** When it was lifted; of a kill, when it was done: what comes after is recovery. */
  readonly liftedAt: number;
}

/** Sets a service's fault switches on all its replicas. */
export type SetFaults = (
  service: string,
  faults: {
    readonly delay?: number;
    readonly failPercent?: number;
    readonly hang?: boolean;
    readonly crash?: boolean;
  },
) => Promise<void>;

/** Resolves when the fault is lifted. */
export async function inject(cluster: Cluster, setFaults: SetFaults, fault: Fault): Promise<Injected> {
  const begunAt = Date.now();
  await perform(cluster, setFaults, fault);
  return { fault, begunAt, liftedAt: Date.now() };
}

async function perform(cluster: Cluster, setFaults: SetFaults, fault: Fault): Promise<void> {
  switch (fault.kind) {
    case 'kill':
    case 'kill gateway':
      return hit(nodeOf(cluster, fault.node), 'SIGKILL');
    case 'pause': {
      const node = nodeOf(cluster, fault.node);
      await hit(node, 'SIGSTOP');
      await delay(fault.ms);
      return void node.signal('SIGCONT');
    }
    case 'nats':
    case 'consul':
    case 'postgres':
      return cluster.servers.restart(fault.kind, fault.ms);
    case 'hang':
    case 'delay':
    case 'fail': {
      const { service, ms } = fault;
      await setFaults(service, {
        hang: fault.kind === 'hang',
        ...(fault.kind === 'delay' && { delay: fault.delay }),
        ...(fault.kind === 'fail' && { failPercent: fault.failPercent }),
      });
      await delay(ms);
      return setFaults(service, {});
    }
    case 'crash':
      return setFaults(fault.service, { crash: true });
  }
}

/** One that is just being started again is waited for: a fault that hits nobody is none. */
async function hit(node: NodeProcess, signal: NodeJS.Signals): Promise<void> {
  while (!(node.up && node.signal(signal))) await delay(50);
}

function nodeOf({ nodes }: Cluster, name: string): NodeProcess {
  const node = nodes.find(({ spec }) => spec.name === name);
  if (!node) throw new Error(`no node ${name}`);
  return node;
}
