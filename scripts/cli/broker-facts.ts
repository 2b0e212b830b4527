/** What a started broker of ours says about itself. */
import type { ServiceBroker } from 'moleculer';

/** Names of the subgraphs that this broker's own services serve. */
export function localSubgraphs(broker: ServiceBroker): string[] {
  return broker.services.flatMap((service) => {
    const name = (service.metadata as { subgraph?: { name?: unknown } } | undefined)?.subgraph?.name;
    return typeof name === 'string' ? [name] : [];
  });
}

/** Base URL of the gateway that runs on this broker, with the port it really got; undefined without one. */
export function gatewayUrl(broker: ServiceBroker): string | undefined {
  const gateway = broker.services.find((service) => service.name === 'gateway');
  return (gateway as { url?: string } | undefined)?.url;
}
