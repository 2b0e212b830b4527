/** Moleculer's side of the discoverer: what the broker calls, and what it is told. */
import Moleculer from 'moleculer';
import { announceAtOnce, announceNothingWhenStopping } from './announcing.ts';
import type { Place } from './catalogue.ts';
import { createConsulApi } from './consul-api.ts';
import { type KnownNode, Membership } from './membership.ts';
import { createNames } from './names.ts';
import type { NodeInfo } from './node-info.ts';
import { type ConsulDiscovererOptions, readOptions, type Settings } from './options.ts';
import { type Mesh, Session } from './session.ts';
import { type DiscovererStatus, StatusBoard } from './status.ts';

type Registry = Moleculer.Registry;
type Node = ReturnType<Registry['nodes']['get']>;

/**
 * Finds nodes through Consul, with any transporter. INFO packets over the transporter are sent and taken as well: they
 * make a change visible in milliseconds; Consul says who is there when none comes.
 *
 * Emits on the local bus: `$discoverer.status` (a DiscovererStatus) at each change, and Moleculer's own
 * `$discoverer.error` with each new error.
 */
export class ConsulDiscoverer extends Moleculer.Discoverers.Base {
  private readonly settings: Settings;
  private readonly board: StatusBoard;
  private membership!: Membership;
  private place!: Place;
  private session: Session | undefined;
  private stopping = false;
  private left = false;
  private removing = false;
  private subscribedTo = -1;

  /** @throws BrokerOptionsError for an option that is not understood. */
  constructor(options: ConsulDiscovererOptions = {}) {
    super({ disableHeartbeatChecks: true });
    this.settings = readOptions(options);
    this.board = new StatusBoard({
      changed: (status, error) => {
        if (error?.failure === 'unreachable')
          this.logger.warn(`${error.message}; membership stays as it is, retrying.`);
        else if (error) this.logger.error(`Consul discoverer: ${error.message}.`);
        else this.logger.info(`Consul discoverer: registered at ${this.settings.agent.host}.`);
        void this.broker.broadcastLocal('$discoverer.status', status);
        if (error) {
          void this.broker.broadcastLocal('$discoverer.error', {
            error,
            module: 'discoverer',
            type: error.failure,
          });
        }
      },
    });
  }

  /** Where the discoverer stands; for readiness: `connected && registered`. */
  status(): DiscovererStatus {
    return this.board.status;
  }

  override init(registry: Registry): void {
    super.init(registry);
    const { broker, settings } = this;
    const namespace = settings.namespace ?? broker.namespace;
    const self = { nodeID: broker.nodeID, instanceID: broker.instanceID };
    this.membership = new Membership(self, settings.ttlMs, () => performance.now());
    this.place = {
      names: createNames(namespace),
      namespace,
      ttlMs: settings.ttlMs,
      address: this.advertisedAddress(),
    };
    const queueAnnouncement = announceAtOnce(broker, () => {
      if (!broker.stopping && !this.stopping) void this.sendLocalNodeInfo();
    });
    announceNothingWhenStopping(registry, () => {
      this.stopping = true;
    });
    broker.localBus.on('$node.disconnected', ({ node }: { node: Node }) => this.nodeDisconnected(node));
    // A node without services never calls `servicesChanged`, but is a node all the same.
    broker.localBus.on('$broker.started', queueAnnouncement);
  }

  /** Consul's TTL takes the place of heartbeat packets; long-gone nodes are still cleaned out of the registry. */
  override startHeartbeatTimers(): void {
    this.stopHeartbeatTimers();
    this.offlineTimer = setInterval(() => this.checkOfflineNodes(), 60_000);
    this.offlineTimer.unref();
  }

  /** Called at each connect of the transporter. Never rejects: a rejection would make Moleculer connect twice. */
  override async discoverAllNodes(): Promise<void> {
    try {
      if (this.session) await this.session.resume();
      else {
        this.session = this.createSession();
        await this.session.start();
      }
      if (!this.status().connected) await this.transit?.discoverNodes();
    } catch (error) {
      this.report(error);
    }
  }

  override async discoverNode(nodeID: string): Promise<void> {
    await this.transit?.discoverNode(nodeID);
  }

  /**
   * Without nodeID: the node has changed; tells everybody and Consul. With: answers a DISCOVER. Resolves when the packet
   * is sent; Consul follows, and is only waited for (a second at most) by a broker that stops. Never rejects.
   */
  override async sendLocalNodeInfo(nodeID?: string): Promise<void> {
    if (!this.transit || this.left) return;
    try {
      const info = this.broker.getLocalNodeInfo();
      if (this.broker.options.disableBalancer && (!nodeID || this.subscribedTo !== info.seq)) {
        // Whoever learns of an action must be able to reach it: subscriptions come before any INFO, answers included.
        await this.transit.tx.makeBalancedSubscriptions();
        this.subscribedTo = info.seq;
      }
      await this.transit.sendNodeInfo(info, nodeID);
      if (nodeID) return;
      this.session?.announce({
        ...(info as unknown as NodeInfo),
        ver: this.broker.PROTOCOL_VERSION,
        sender: this.broker.nodeID,
      });
      if (this.stopping && this.status().registered) await this.session?.flushed();
    } catch (error) {
      this.report(error);
    }
  }

  /** An INFO packet. A stale one is left out: Moleculer would overwrite the services before it looks at the sequence. */
  override processRemoteNodeInfo(nodeID: string, payload: NodeInfo): Node {
    const node = this.registry.nodes.get(nodeID);
    if (!this.membership.heard(payload.instanceID)) return node;
    if (isStale(payload, node)) return node;
    const accepted = this.accept(payload);
    // A newcomer finds this node neither in Consul nor, as late as it is, by packets.
    if (!node && !this.status().registered) void this.sendLocalNodeInfo(nodeID);
    return accepted;
  }

  override async localNodeDisconnected(): Promise<void> {
    // The goodbye first: whoever gets it need not ask whether this node is still there.
    this.left = true;
    // A node that leaves is still connected while it takes itself out of Consul; it must not answer for itself then.
    if (this.transit) this.transit.sendPong = () => this.Promise.resolve();
    await super.localNodeDisconnected();
    await this.session?.leave();
  }

  override async stop(): Promise<void> {
    await super.stop();
    this.left = true;
    const { session } = this;
    this.session = undefined;
    await session?.stop();
  }

  private createSession(): Session {
    const { broker, settings, place, membership } = this;
    return new Session({
      api: createConsulApi(settings, place.names),
      place,
      self: { nodeID: broker.nodeID, instanceID: broker.instanceID },
      beatMs: settings.beatMs,
      membership,
      mesh: this.mesh(),
      status: this.board,
    });
  }

  private mesh(): Mesh {
    const { broker } = this;
    const connected = () => this.transit?.connected === true && this.transit.tx.connected;
    return {
      connected,
      known: () => this.knownNodes(),
      accept: (info) => void this.accept(info),
      ask: (nodeID) => void this.discoverNode(nodeID),
      remove: (nodeID) => {
        this.removing = true;
        this.registry.nodes.disconnected(nodeID, true);
        this.removing = false;
      },
      ping: async (nodeID, timeoutMs) =>
        !connected() || (await broker.ping(nodeID, timeoutMs).catch(() => null)) !== null || !connected(),
    };
  }

  private knownNodes(): Map<string, KnownNode> {
    const remote = this.registry.nodes.toArray().filter((node) => !node.local);
    return new Map(
      remote.map(({ id, instanceID, seq, available }) => [
        id,
        { nodeID: id, instanceID: instanceID ?? '', seq, available },
      ]),
    );
  }

  /** Another instance under a known nodeID ends the earlier one first: calls in flight to that would wait for ever. */
  private accept(info: NodeInfo): Node {
    const node = this.registry.nodes.get(info.sender);
    if (node && node.instanceID !== null && node.instanceID !== info.instanceID) {
      this.membership.replaced(node.instanceID);
      if (node.available) this.registry.nodes.disconnected(info.sender, true);
    }
    return this.registry.processNodeInfo(info);
  }

  /** Whoever noticed a death but Consul: it is not to be undone by Consul's older word. A false alarm answers. */
  private nodeDisconnected(node: Node): void {
    if (this.removing || node.instanceID === null) return;
    this.membership.died(node.instanceID);
    if (!this.left) void this.discoverNode(node.id);
  }

  /** On one host with its agent the node shares the agent's address; elsewhere it has its own. */
  private advertisedAddress(): string | undefined {
    const { agent, advertiseAddress } = this.settings;
    if (advertiseAddress) return advertiseAddress;
    const local = /^(localhost|127\.|\[::1\])/.test(agent.hostname);
    return local ? undefined : (this.localNode?.ipList?.[0] ?? undefined);
  }

  private report(error: unknown): void {
    this.logger.error('Consul discoverer: unable to announce this node.', error);
    void this.broker.broadcastLocal('$discoverer.error', { error, module: 'discoverer', type: 'refused' });
  }
}

function isStale(info: NodeInfo, node: Node | undefined): boolean {
  return node?.available === true && node.instanceID === info.instanceID && info.seq < node.seq;
}
