import type { FormattedExecutionResult } from 'graphql';
import { type BrokerOptions, ServiceBroker, type ServiceSchema } from 'moleculer';
import { createFederationGateway, type FederationGatewayOptions } from '../create-gateway.ts';
import type { FederationGateway } from '../gateway.ts';
import { silentLogger } from '../logger.ts';
import { LocalPlanning } from '../planning/local-planning.ts';
import { Activity } from './activity.ts';
import { EventLog, observe } from './event-log.ts';
import { MeshBus, MeshTransporter } from './mesh-transporter.ts';
import { brokersKnowEachOther, supergraphComposed } from './readiness.ts';

export interface TestMeshOptions {
  /** Moleculer service schemas, each started on a node of its own; the same one twice makes two replicas. */
  readonly services: readonly ServiceSchema[];
  /** Of the gateway: limits, more sources, a snapshot. */
  readonly gateway?: Omit<FederationGatewayOptions, 'broker'>;
  /** For every broker: a cacher, middlewares, `logger: true` to see what happens. */
  readonly broker?: BrokerOptions;
}

/** Who asks; left out, an anonymous client does. */
export interface Asker {
  readonly as?: { readonly id: string; readonly roles?: readonly string[] };
}

export interface QueryOptions extends Asker {
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
}

export interface TestMesh extends AsyncDisposable {
  /** Runs a GraphQL operation in the gateway; answers what a client would read of it, after JSON. */
  query<Data = Record<string, unknown>>(
    query: string,
    options?: QueryOptions,
  ): Promise<FormattedExecutionResult<Data>>;
  /** Calls an action from the gateway's node. Rejects as the action does. */
  call<Result = unknown>(action: string, params?: object, options?: Asker): Promise<Result>;
  /** Payloads of all events of that name sent so far, in order. */
  emitted<Payload = unknown>(event: string): readonly Payload[];
  /** Payload of the next event of that name: ask before what sends it. Its handlers may still run: see `settled`. */
  nextEvent<Payload = unknown>(event: string): Promise<Payload>;
  /** Resolves when no packet is under way and no action or event handler runs. */
  settled(): Promise<void>;
  /** The broker that runs a service, by its name or full name; `gateway` is the gateway's. With replicas, the first. */
  broker(service: string): ServiceBroker;
  /** Starts one more service. Resolves when all nodes know it and its fields are served. */
  add(service: ServiceSchema): Promise<void>;
  /** Stops every replica of a service. Resolves when no node knows it any more; its fields stay, unavailable. */
  remove(service: string): Promise<void>;
  readonly gateway: FederationGateway;
}

/**
 * A disposable mesh in this process: a broker for each service and one for the gateway, joined by a transporter that
 * serializes. Resolves when every subgraph is composed.
 *
 *     await using mesh = await createTestMesh({ services: [products, reviews] });
 *     await mesh.query('{ topProducts { name reviews { text } } }', { as: { id: 'u1' } });
 *
 * @throws what a service throws at its start, or the gateway's reasons when a subgraph does not compose; nothing is
 *   left running then.
 */
export async function createTestMesh(options: TestMeshOptions): Promise<TestMesh> {
  const activity = new Activity();
  const events = new EventLog();
  const bus = new MeshBus(activity);
  const nodes = new Map<string, ServiceBroker>();

  /** A broker that knows of the mesh but has not joined it. */
  const createNode = (name: string): ServiceBroker => {
    let nodeID = name;
    for (let replica = 2; nodes.has(nodeID); replica++) nodeID = `${name}-${replica}`;
    const node = new ServiceBroker({
      logger: false,
      // A dependency is polled for; a second each would be the longest part of most tests.
      dependencyInterval: 5,
      ...options.broker,
      nodeID,
      transporter: new MeshTransporter(bus),
      // Moleculer's types leave this one out.
      transit: { ...options.broker?.transit, serviceChangedDebounceTime: 0 } as object,
      registry: { stopDelay: 0, ...options.broker?.registry },
      heartbeatInterval: 0,
      middlewares: [observe(events, activity), ...(options.broker?.middlewares ?? [])],
      skipProcessEventRegistration: true,
    });
    nodes.set(nodeID, node);
    return node;
  };

  const runs = (node: ServiceBroker, service: string) =>
    node.services.some(({ name, fullName }) => name === service || fullName === service);
  const all = () => [...nodes.values()];

  const gatewayNode = createNode('gateway');
  const gateway = createFederationGateway({
    logger: silentLogger,
    planning: new LocalPlanning(),
    ...options.gateway,
    broker: gatewayNode,
  });

  const ready = async () => {
    await brokersKnowEachOther(all());
    await supergraphComposed(gateway.supergraph, all());
  };
  const startNode = (service: ServiceSchema) => {
    const node = createNode(service.name);
    node.createService(service);
    return node;
  };
  const stopNodes = (leaving: readonly ServiceBroker[]) => {
    for (const { nodeID } of leaving) nodes.delete(nodeID);
    return Promise.all(leaving.map((node) => node.stop()));
  };
  const dispose = async () => {
    await gateway.stop();
    await stopNodes(all());
    events.close();
  };

  try {
    for (const service of options.services) startNode(service);
    // All settled, so that no broker is stopped in the middle of its start.
    const starts = await Promise.allSettled(all().map((node) => node.start()));
    for (const start of starts) if (start.status === 'rejected') throw start.reason;
    await brokersKnowEachOther(all());
    // Now, not earlier: what is there already is composed at once, not one service after the other.
    await gateway.start();
    await ready();
  } catch (error) {
    await dispose();
    throw error;
  }

  const meta = ({ as }: Asker) => (as ? { user: { id: as.id, roles: as.roles ?? [] } } : {});

  return {
    gateway,
    async query<Data>(query: string, { variables, operationName, ...asker }: QueryOptions = {}) {
      const ctx = gatewayNode.ContextFactory.create(gatewayNode);
      ctx.meta = meta(asker);
      const result = await gateway.execute({ query, variables, operationName }, { ctx });
      return JSON.parse(JSON.stringify(result)) as FormattedExecutionResult<Data>;
    },
    call: (action, params = {}, asker = {}) => gatewayNode.call(action, params, { meta: meta(asker) }),
    emitted: <Payload>(event: string) => events.payloads(event) as readonly Payload[],
    nextEvent: <Payload>(event: string) => events.next(event) as Promise<Payload>,
    settled: () => activity.idle(),
    broker(service) {
      const found = all().find(
        (node) => runs(node, service) || (node === gatewayNode && service === 'gateway'),
      );
      if (!found) throw new Error(`No node of the mesh runs '${service}': ${[...nodes.keys()].join(', ')}.`);
      return found;
    },
    async add(service) {
      const before = all();
      try {
        await startNode(service).start();
        await ready();
      } catch (error) {
        await stopNodes(all().filter((node) => !before.includes(node)));
        throw error;
      }
    },
    async remove(service) {
      const leaving = all().filter((node) => runs(node, service));
      if (leaving.length === 0) throw new Error(`No node of the mesh runs '${service}'.`);
      await stopNodes(leaving);
      await brokersKnowEachOther(all());
    },
    [Symbol.asyncDispose]: dispose,
  };
}
