/** Brokers for the tests: on a real server, quiet, stopped at the end of the block. */
import { type BrokerOptions, ServiceBroker, type ServiceSchema } from 'moleculer';
import type { NatsServer } from '../../../scripts/infra/nats.ts';
import { deadline, NatsTransporter, type NatsTransporterOptions, safeRetry } from '../src/index.ts';

export interface LogLine {
  readonly level: string;
  readonly text: string;
}

export interface TestNode extends AsyncDisposable {
  readonly broker: ServiceBroker;
  readonly log: readonly LogLine[];
  /** `$transporter.*` and `$transit.*` events, in order. */
  readonly events: readonly { readonly name: string; readonly payload: unknown }[];
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** A node not yet started. `services` are created before its start. */
export function createNode(
  nodeID: string,
  transporter:
    | string
    | NatsTransporterOptions
    | { readonly type: 'NATS'; readonly options: { readonly url: string } },
  options: { readonly services?: readonly ServiceSchema[]; readonly broker?: BrokerOptions } = {},
): TestNode {
  const log: LogLine[] = [];
  const events: { name: string; payload: unknown }[] = [];
  const stock = typeof transporter === 'object' && 'type' in transporter;
  const broker = new ServiceBroker({
    nodeID,
    logger: false,
    skipProcessEventRegistration: true,
    transporter: stock ? transporter : new NatsTransporter(transporter),
    // As many as the time of the call allows: how long a server takes to restart is the machine's affair.
    middlewares: [deadline(), safeRetry({ retries: 1_000 })],
    requestTimeout: 60_000,
    heartbeatInterval: 5,
    tracking: { enabled: true, shutdownTimeout: 5_000 },
    transit: { serviceChangedDebounceTime: 0 } as object,
    ...options.broker,
  });
  for (const level of ['info', 'warn', 'error'] as const) {
    for (const logger of [broker.logger, broker.transit?.logger, broker.transit?.tx.logger]) {
      if (logger)
        logger[level] = (...args: unknown[]) => void log.push({ level, text: args.map(String).join(' ') });
    }
  }
  for (const name of [
    '$transporter.connected',
    '$transporter.disconnected',
    '$transporter.error',
    '$transit.error',
  ]) {
    broker.localBus.on(name, (payload: unknown) => void events.push({ name, payload }));
  }
  for (const service of options.services ?? []) broker.createService(service);
  let started = false;
  return {
    broker,
    log,
    events,
    async start() {
      started = true;
      await broker.start();
    },
    async stop() {
      if (started) await broker.stop();
      started = false;
    },
    async [Symbol.asyncDispose]() {
      await this.stop();
    },
  };
}

export async function startNode(...args: Parameters<typeof createNode>): Promise<TestNode> {
  const node = createNode(...args);
  await node.start();
  return node;
}

/** Polls without a sleep longer than a few ms; fails with `what` after two minutes, which are no part of any claim. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 120_000;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`in vain: ${what}`);
    await new Promise((done) => setTimeout(done, 5));
  }
}

/** For `connectionsOf`. */
export const monitored = 'http: "127.0.0.1:-1"';

/** Names of the connections that a server with `monitored` in its configuration has. */
export async function connectionsOf(nats: NatsServer): Promise<string[]> {
  let port: string | undefined;
  await until('the server says where it is monitored', () => {
    port = /Starting http monitor on .*:(\d+)/.exec(nats.output())?.[1];
    return port !== undefined;
  });
  const response = await fetch(`http://127.0.0.1:${port}/connz`);
  const { connections } = (await response.json()) as { connections: { name: string }[] };
  return connections.map(({ name }) => name);
}

/** Waits until `node` can call `action` on `count` nodes. */
export function untilCallable(node: TestNode, action: string, count = 1): Promise<void> {
  return until(`${action} on ${count} node(s)`, () => {
    const list = node.broker.registry.getActionEndpoints(action);
    return list !== undefined && list.endpoints.length === count;
  });
}
