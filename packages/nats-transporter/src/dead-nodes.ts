import type { ServiceBroker, Transit } from 'moleculer';

/** One entry of Moleculer's table of requests in flight. */
type Pending = Transit.TransitRequest & {
  /** The instance it was sent to; the registry's node object outlives its instances. */
  [SENT_TO]?: string;
};

/** Kept in the entry: a WeakMap that each request goes through is a burden to every garbage collection. */
const SENT_TO = Symbol('instance it was sent to');

/**
 * Takes nodes that no longer listen out of the registry, so that the next call does not choose them.
 *
 * An instance is evicted, never a node id: the answer to a message sent to a dead instance must not hit the one that
 * was started in its place. An instance that was only slow to come back returns with its next INFO, which is asked for.
 */
export class DeadNodes {
  readonly #broker: ServiceBroker;
  readonly #transit: Transit;
  readonly #evicting = new Set<string>();
  #overdueBefore: ReadonlySet<string> = new Set();

  constructor(broker: ServiceBroker, transit: Transit) {
    this.#broker = broker;
    this.#transit = transit;
  }

  instanceOf(nodeID: string): string | undefined {
    const node = this.#broker.registry.nodes.get(nodeID);
    return node?.available && node.instanceID ? node.instanceID : undefined;
  }

  sending(pending: Pending | undefined): void {
    const instanceID = pending?.nodeID ? this.instanceOf(pending.nodeID) : undefined;
    if (pending && instanceID) pending[SENT_TO] = instanceID;
  }

  instanceOfPending(pending: Pending): string | undefined {
    return pending[SENT_TO];
  }

  /**
   * Stops routing to the instance at once; rejects what is in flight to it after `flush`, because the requests just
   * published get their own report before that, and those provably did not run.
   */
  async evict(nodeID: string, instanceID: string, flush: () => Promise<boolean>): Promise<void> {
    if (this.instanceOf(nodeID) !== instanceID || this.#evicting.has(nodeID)) return;
    this.#evicting.add(nodeID);
    try {
      this.#broker.registry.unregisterServicesByNode(nodeID);
      await flush();
      if (this.instanceOf(nodeID) !== instanceID) return;
      this.#broker.registry.discoverer.remoteNodeDisconnected(nodeID, true);
      await this.#transit.discoverNode(nodeID);
    } finally {
      this.#evicting.delete(nodeID);
    }
  }

  /**
   * Nodes that already owed an answer at the call before this one: worth asking whether they are alive at all. Without
   * the question a call in flight to a killed node, on a quiet mesh, waits for its whole timeout. Where NATS balances,
   * nobody knows who took the request: all that could have are asked.
   */
  overdue(): string[] {
    const pending = [...this.#transit.pendingRequests];
    const late = pending.filter(([id]) => this.#overdueBefore.has(id));
    this.#overdueBefore = new Set(pending.map(([id]) => id));
    return [...new Set(late.flatMap(([, { nodeID, ctx }]) => nodeID ?? this.#offering(ctx.action?.name)))];
  }

  #offering(action: string | undefined): string[] {
    const list = action ? this.#broker.registry.getActionEndpoints(action) : undefined;
    return (list?.endpoints ?? []).filter((endpoint) => !endpoint.local).map((endpoint) => endpoint.id);
  }
}
