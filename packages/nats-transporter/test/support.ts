/** Brokers for the tests: on a real server, quiet, stopped at the end of the block. */
import { type BrokerOptions, ServiceBroker, type ServiceSchema } from 'moleculer';
import { connect, ErrorCode, type NatsError } from 'nats';
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
    middlewares: [deadline(), safeRetry()],
    requestTimeout: 10_000,
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

/** Polls without a sleep longer than a few ms; fails with `what` after `timeoutMs`. */
export async function until(what: string, condition: () => boolean, timeoutMs = 20_000): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`in vain: ${what}`);
    await new Promise((done) => setTimeout(done, 5));
  }
}

/** Waits until `node` can call `action` on `count` nodes. */
export function untilCallable(node: TestNode, action: string, count = 1): Promise<void> {
  return until(`${action} on ${count} node(s)`, () => {
    const list = node.broker.registry.getActionEndpoints(action);
    return list !== undefined && list.endpoints.length === count;
  });
}

/**
 * Waits until the server knows that nobody listens to `nodeID`'s requests any more. A killed process is gone before the
 * server has read the end of its socket, and what is sent to it in between counts as delivered.
 */
export async function untilForgotten(nodeID: string, url: string): Promise<void> {
  const client = await connect({ servers: url });
  try {
    for (;;) {
      const failed = client.request(`MOL.REQ.${nodeID}`, '', { timeout: 50 });
      const code = await failed.then(
        () => undefined,
        (error: NatsError) => error.code,
      );
      if (code === ErrorCode.NoResponders) return;
    }
  } finally {
    await client.close();
  }
}
