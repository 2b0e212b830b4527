import type { ServiceBroker } from 'moleculer';
import { readAnnouncement, type SubgraphAnnouncement } from '../protocol.ts';
import type { SupergraphManager } from '../supergraph/supergraph-manager.ts';

/** Far more than anything here takes: it only makes a test that waits in vain say for what. */
const PATIENCE_MS = 120_000;

/** Resolves once every broker knows all services of all others, and no node that is gone. */
export async function brokersKnowEachOther(brokers: readonly ServiceBroker[]): Promise<void> {
  const missing = () => {
    for (const broker of brokers) {
      const known = new Set(broker.registry.nodes.list({ onlyAvailable: true }).map(({ id }) => id));
      for (const other of brokers) {
        if (!known.delete(other.nodeID)) return `${broker.nodeID} to learn of ${other.nodeID}`;
        for (const { fullName } of other.services) {
          if (!broker.registry.hasService(fullName, other.nodeID))
            return `${broker.nodeID} to learn of ${fullName}`;
        }
      }
      for (const id of known) return `${broker.nodeID} to forget ${id}`;
    }
    return undefined;
  };
  await until(missing, (check) => {
    const events = ['$services.changed', '$node.connected', '$node.updated', '$node.disconnected'];
    for (const { localBus } of brokers) for (const event of events) localBus.on(event, check);
    return () => {
      for (const { localBus } of brokers) for (const event of events) localBus.off(event, check);
    };
  });
}

/**
 * Resolves once the newest schema of each subgraph that the brokers serve is in the supergraph.
 *
 * @throws Error with the reasons when the gateway refused one.
 */
export async function supergraphComposed(
  supergraph: SupergraphManager,
  brokers: readonly ServiceBroker[],
): Promise<void> {
  const newest = new Map<string, SubgraphAnnouncement>();
  for (const service of brokers.flatMap((broker) => broker.services)) {
    const announced = readAnnouncement(service.metadata);
    if (announced && announced.since >= (newest.get(announced.name)?.since ?? 0))
      newest.set(announced.name, announced);
  }
  const missing = () => {
    for (const { name, hash } of newest.values()) {
      if (supergraph.current?.subgraphs.get(name)?.hash === hash) continue;
      const refused = supergraph
        .status()
        .refused.find((subgraph) => subgraph.name === name && subgraph.hash === hash);
      if (refused) throw new Error(`The gateway refused subgraph '${name}': ${refused.reason}`);
      return `the gateway to compose subgraph '${name}'`;
    }
    return undefined;
  };
  await until(missing, (check) => {
    supergraph.on('generation', check).on('refused', check);
    return () => supergraph.off('generation', check).off('refused', check);
  });
}

/**
 * Waits for events, not for time: `missing` is asked at once and after each, until nothing is.
 *
 * @param missing what is waited for, undefined when it has come; throwing ends the waiting.
 * @param subscribe calls back on whatever may change that; returns how to stop it.
 */
async function until(
  missing: () => string | undefined,
  subscribe: (check: () => void) => () => void,
): Promise<void> {
  let unsubscribe = () => {};
  let limit: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const check = () => {
        try {
          if (missing() === undefined) resolve();
        } catch (error) {
          reject(error);
        }
      };
      unsubscribe = subscribe(check);
      limit = setTimeout(
        () => reject(new Error(`The test mesh waited in vain for ${missing()}.`)),
        PATIENCE_MS,
      );
      check();
    });
  } finally {
    clearTimeout(limit);
    unsubscribe();
  }
}
