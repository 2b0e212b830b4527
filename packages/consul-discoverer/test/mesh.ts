/** Disposable nodes for tests: brokers in this process or processes of their own, on a given Consul agent. */
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import Moleculer from 'moleculer';
import { type Child, startChild } from '../../../scripts/infra/child.ts';
import { ConsulDiscoverer, type ConsulDiscovererOptions, type DiscovererStatus } from '../src/index.ts';

export interface TestNode extends AsyncDisposable {
  readonly broker: Moleculer.ServiceBroker;
  readonly discoverer: ConsulDiscoverer;
  /** Every change of status so far; the log has one line for each. */
  readonly statuses: DiscovererStatus[];
  /** nodeIDs whose connection ended so far, in order. */
  readonly lost: string[];
  /** nodeIDs that are available, this node's left out, sorted. */
  peers(): string[];
}

export interface TestNodeOptions {
  readonly nodeID: string;
  readonly consul: ConsulDiscovererOptions;
  readonly services?: readonly Moleculer.ServiceSchema[];
  /** `Fake` (in this process) by default. */
  readonly transporter?: string;
  readonly broker?: Moleculer.BrokerOptions;
  /** Packet types that never leave this node: `INFO`, `DISCOVER`, `DISCONNECT` … */
  readonly drop?: readonly string[];
}

/** Not started yet; stopped at disposal. */
export function createNode(options: TestNodeOptions): TestNode {
  const discoverer = new ConsulDiscoverer({ namespace: 'test', ...options.consul });
  const broker = new Moleculer.ServiceBroker({
    nodeID: options.nodeID,
    namespace: 'test',
    transporter: (options.transporter ?? 'Fake') as 'NATS',
    logger: false,
    skipProcessEventRegistration: true,
    registry: { discoverer, stopDelay: 0 },
    middlewares: [dropPackets(new Set(options.drop))],
    ...options.broker,
  });
  for (const schema of options.services ?? []) broker.createService({ ...schema });
  const statuses: DiscovererStatus[] = [];
  const lost: string[] = [];
  broker.localBus.on('$discoverer.status', (status: DiscovererStatus) => statuses.push(status));
  broker.localBus.on('$node.disconnected', ({ node }: { node: { id: string } }) => lost.push(node.id));
  return {
    broker,
    discoverer,
    statuses,
    lost,
    peers: () =>
      broker.registry.nodes
        .toArray()
        .filter((node) => node.available && !node.local)
        .map((node) => node.id)
        .sort(),
    [Symbol.asyncDispose]: () => broker.stop(),
  };
}

export async function startNode(options: TestNodeOptions): Promise<TestNode> {
  const node = createNode(options);
  await node.broker.start();
  return node;
}

interface Packet {
  readonly type: string;
}

function dropPackets(types: ReadonlySet<string>): Moleculer.Middleware {
  const middleware = {
    name: 'DropPackets',
    transitPublish: (next: (packet: Packet) => Promise<void>) => (packet: Packet) =>
      types.has(packet.type) ? Promise.resolve() : next(packet),
  };
  return middleware as unknown as Moleculer.Middleware;
}

export interface NodeProcess extends AsyncDisposable {
  kill(): Promise<void>;
  /** SIGTERM; Moleculer stops the broker, then the process. */
  stop(): Promise<void>;
}

/** A node in a process of its own on NATS, with a service `worker` (see node-process.ts). Resolves when it has started. */
export async function startNodeProcess(options: {
  readonly nodeID: string;
  readonly nats: string;
  readonly consul: ConsulDiscovererOptions;
}): Promise<NodeProcess> {
  const script = fileURLToPath(new URL('./node-process.ts', import.meta.url));
  const child = startChild(process.execPath, ['--conditions=source', script, JSON.stringify(options)]);
  await started(child);
  const end = (signal: NodeJS.Signals) => child.end(signal);
  return {
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    [Symbol.asyncDispose]: () => end('SIGKILL'),
  };
}

async function started(child: Child): Promise<void> {
  let ended = false;
  void child.exited.then(() => {
    ended = true;
  });
  await until('the process has started', () => {
    if (ended) throw new Error(child.output());
    return child.output().includes('node started');
  });
}

/** Polls until the condition holds; the machine may be slow, so the limit is generous and is no part of any claim. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 120_000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`not within 2 min: ${what}`);
    await delay(10);
  }
}
