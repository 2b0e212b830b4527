import { ServiceBroker, type ServiceSchema } from 'moleculer';
import { createFederationGateway, type FederationGatewayOptions } from '../../src/create-gateway.ts';
import type { FederationGateway, GraphQLRequest } from '../../src/gateway.ts';
import { LocalPlanning } from '../../src/planning/local-planning.ts';
import type { Generation } from '../../src/supergraph/generation.ts';
import { Activity } from '../../src/testing/activity.ts';
import { MeshBus, MeshTransporter } from '../../src/testing/mesh-transporter.ts';
import type { FetchContext } from '../../src/transport/transport.ts';

export interface Mesh extends AsyncDisposable {
  readonly gateway: FederationGateway;
  readonly gatewayBroker: ServiceBroker;
  /** Starts a node with these services. */
  node(nodeID: string, ...services: ServiceSchema[]): Promise<ServiceBroker>;
  /** The current generation, once it satisfies the condition. */
  generation(condition?: (generation: Generation) => boolean): Promise<Generation>;
  query(query: string, request?: Omit<GraphQLRequest, 'query'>, context?: FetchContext): Promise<unknown>;
}

/** A gateway on a broker of its own; every node is another broker, and what they say to each other is serialized. */
export async function startMesh(options: Partial<FederationGatewayOptions> = {}): Promise<Mesh> {
  const bus = new MeshBus(new Activity());
  const brokers: ServiceBroker[] = [];
  const createBroker = (nodeID: string): ServiceBroker => {
    const broker = new ServiceBroker({
      nodeID,
      transporter: new MeshTransporter(bus),
      // Moleculer's types leave this one out.
      transit: { serviceChangedDebounceTime: 0 } as object,
      registry: { stopDelay: 0 },
      heartbeatInterval: 0,
      logger: false,
      requestTimeout: 5_000,
      skipProcessEventRegistration: true,
    });
    brokers.push(broker);
    return broker;
  };
  const gatewayBroker = createBroker('gateway');
  await gatewayBroker.start();
  const gateway = createFederationGateway({
    broker: gatewayBroker,
    planning: new LocalPlanning(),
    ...options,
  });
  await gateway.start();
  return {
    gateway,
    gatewayBroker,
    async node(nodeID, ...services) {
      const broker = createBroker(nodeID);
      for (const service of services) broker.createService(service);
      await broker.start();
      return broker;
    },
    generation(condition = () => true) {
      const current = gateway.supergraph.current;
      if (current && condition(current)) return Promise.resolve(current);
      return new Promise((resolve) => {
        const listener = (generation: Generation): void => {
          if (!condition(generation)) return;
          gateway.supergraph.off('generation', listener);
          resolve(generation);
        };
        gateway.supergraph.on('generation', listener);
      });
    },
    async query(query, request, context = {}) {
      const result = await gateway.execute({ query, ...request }, context);
      return JSON.parse(JSON.stringify(result));
    },
    async [Symbol.asyncDispose]() {
      await gateway.stop();
      await Promise.all(brokers.map((broker) => broker.stop()));
    },
  };
}
