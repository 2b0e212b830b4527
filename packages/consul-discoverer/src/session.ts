/** Everything between a discoverer's start and stop: follows Consul's list, keeps itself in it, decides who is there. */
import { Announcer } from './announcer.ts';
import { atMost } from './backoff.ts';
import { type CatalogueNode, type Place, readCatalogue } from './catalogue.ts';
import { watchCatalogue } from './catalogue-watch.ts';
import type { ConsulApi, KvPair } from './consul-api.ts';
import { ConsulError, toConsulError } from './errors.ts';
import { collectGarbage } from './garbage.ts';
import type { KnownNode, Membership } from './membership.ts';
import { findMissingRule } from './missing-rule.ts';
import { decodeInfo, type NodeInfo } from './node-info.ts';
import type { StatusBoard } from './status.ts';

/** Above so many unknown nodes one read of all INFO is cheaper than single ones. */
const SINGLE_READS = 4;

/** Milliseconds a suspect has to answer. Short of a beat, so that a killed node is gone within TTL + 1 beat. */
const PING_TIMEOUT = 500;

/** Milliseconds the first synchronisation may hold up the broker's start. */
const FIRST_SYNC = 2_000;

/** Milliseconds that a stopping broker waits for its last INFO to be in Consul; packets carry it as well. */
const FLUSH = 1_000;

/** Milliseconds that leaving may take when the agent hangs; one that is gone refuses at once. */
const LEAVE = 5_000;

/** Moleculer's side, as the session sees it. */
export interface Mesh {
  known(): Map<string, KnownNode>;
  /** An INFO read from Consul that is news. */
  accept(info: NodeInfo): void;
  /** Takes a dead node out of rotation; its calls in flight are rejected. */
  remove(nodeID: string): void;
  /** False when it does not answer in time. A node that is off the transporter itself cannot tell, and says true. */
  ping(nodeID: string, timeoutMs: number): Promise<boolean>;
  /** Asks a node for its INFO over the transporter. */
  ask(nodeID: string): void;
  /** False while this node is off the transporter: nobody can call it, and it cannot judge others. */
  connected(): boolean;
}

export interface SessionParts {
  readonly api: ConsulApi;
  readonly place: Place;
  readonly self: { readonly nodeID: string; readonly instanceID: string };
  readonly beatMs: number;
  readonly membership: Membership;
  readonly mesh: Mesh;
  readonly status: StatusBoard;
}

export class Session {
  private readonly parts: SessionParts;
  private readonly announcer: Announcer;
  private readonly ended = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private firstRead: readonly KvPair[] | undefined;
  private wasListed = false;
  private everListed = false;
  /** Earlier instances of this node: those that were listed before this one was. */
  private readonly predecessors = new Set<string>();
  private left = false;
  private latest: readonly CatalogueNode[] = [];
  private readonly verifying = new Set<string>();
  private announcedAt = Number.POSITIVE_INFINITY;
  private readonly asked = new Set<string>();

  constructor(parts: SessionParts) {
    this.parts = parts;
    this.announcer = new Announcer(parts.api, parts.place, parts.self.nodeID, {
      announced: () => {
        this.announcedAt = Math.min(this.announcedAt, performance.now());
        parts.status.ok('registration');
      },
      failed: (error) => {
        this.announcedAt = Number.POSITIVE_INFINITY;
        parts.status.failed('registration', error);
      },
    });
  }

  /** Resolves when the nodes in Consul are known, or when Consul does not answer; retries go on. Never rejects. */
  async start(): Promise<void> {
    const { api, place, status } = this.parts;
    const first = Promise.withResolvers<void>();
    void watchCatalogue(
      {
        query: (index, signal) => api.health(place.names.nodes, index, signal),
        answered: async (body, recovered) => {
          await this.answered(readCatalogue(body, place.namespace), recovered);
          status.ok('watch');
          if (recovered) void this.announcer.beat();
          first.resolve();
        },
        failed: (error) => {
          status.failed('watch', toConsulError(error));
          first.resolve();
        },
      },
      this.ended.signal,
    );
    this.timer = setInterval(() => void this.tick(), this.parts.beatMs);
    collectGarbage({
      api,
      infos: () => this.firstRead ?? [],
      // A list without this node is filtered or incomplete: then everything counts as listed.
      isListed: (nodeID) => !this.wasListed || this.latest.some((entry) => entry.nodeID === nodeID),
      signal: this.ended.signal,
    });
    await atMost(FIRST_SYNC, first.promise);
  }

  announce(info: NodeInfo): void {
    if (!this.left) this.announcer.announce(info);
  }

  /** Waits a moment for what was announced to be in Consul; never rejects. */
  async flushed(): Promise<void> {
    await atMost(FLUSH, this.announcer.settled());
  }

  /** Back on the transporter after an outage, in which others may not have been heard. */
  async resume(): Promise<void> {
    this.parts.membership.distrust();
    await this.tick();
  }

  /** Takes this node out of Consul; waits 5 s at most. Never rejects. */
  async leave(): Promise<void> {
    if (this.left) return;
    this.left = true;
    clearInterval(this.timer);
    await atMost(LEAVE, this.announcer.withdraw());
  }

  async stop(): Promise<void> {
    await this.leave();
    this.ended.abort();
    this.parts.api.close();
  }

  private async answered(list: readonly CatalogueNode[], recovered: boolean): Promise<void> {
    const { membership } = this.parts;
    this.latest = list;
    if (recovered) membership.mayBeOutdated();
    membership.update(list);
    this.findSelf(recovered);
    await this.fetchWanted();
    this.verifySuspects();
  }

  /** Once a beat: the beat itself, and another look at what the last list left undone. */
  private async tick(): Promise<void> {
    if (this.left) return;
    try {
      // Off the transporter nobody can call this node: its check should expire.
      if (this.parts.mesh.connected()) await this.announcer.beat();
      else this.parts.membership.distrust();
      if (!this.firstRead) return;
      await this.fetchWanted();
      this.verifySuspects();
      if (!this.wasListed) await this.explainAbsence();
    } catch {
      // The watch and the beat meet the same failure and report it; the next tick tries again.
    }
  }

  /** @param recovered the list may lack what was there before. */
  private findSelf(recovered: boolean): void {
    const { membership, self, status } = this.parts;
    const listed = membership.listsSelf;
    const namesake = this.latest.find(
      ({ nodeID, instanceID }) => nodeID === self.nodeID && instanceID !== self.instanceID,
    );
    if (listed) status.ok('self');
    else if (!this.everListed && namesake) this.predecessors.add(namesake.instanceID);
    else if (this.wasListed && !this.left) {
      membership.distrust();
      // A server that has just restarted answers while it still replays its log: a list from before this instance.
      const isSuccessor = namesake && !recovered && !this.predecessors.has(namesake.instanceID);
      if (isSuccessor) void this.giveWay(namesake);
      else {
        if (namesake) membership.mayBeOutdated();
        this.announcer.reannounce();
      }
    }
    this.everListed ||= listed;
    this.wasListed = listed;
  }

  /** Two processes with one nodeID would overwrite each other for ever: the earlier one stops. */
  private async giveWay(successor: CatalogueNode): Promise<void> {
    this.left = true;
    clearInterval(this.timer);
    this.parts.status.failed(
      'registration',
      new ConsulError(
        'refused',
        `nodeID conflict: instance ${successor.instanceID} has taken over "${successor.nodeID}" in Consul; use unique nodeIDs`,
      ),
    );
    await this.announcer.abandon();
  }

  private async fetchWanted(): Promise<void> {
    const { api, mesh, membership, place } = this.parts;
    const wanted = membership.wanted(mesh.known());
    // At the start everything is read at once, also what has no entry: that is garbage or about to have one.
    if (wanted.length > SINGLE_READS || !this.firstRead) {
      const pairs = await api.listKeys(place.names.infoPrefix);
      this.firstRead ??= pairs;
      const byKey = new Map(pairs.map((pair) => [pair.key, pair]));
      for (const entry of wanted) this.take(entry, byKey.get(place.names.infoKey(entry.nodeID)));
    } else {
      await Promise.all(
        wanted.map(async (entry) => this.take(entry, await api.getKey(place.names.infoKey(entry.nodeID)))),
      );
    }
  }

  private take(entry: CatalogueNode, pair: KvPair | undefined): void {
    const { mesh, membership } = this.parts;
    const info = pair && readInfo(pair.value);
    const fits =
      info?.sender === entry.nodeID &&
      info.instanceID === entry.instanceID &&
      (info.seq > entry.seq || (info.seq === entry.seq && info.hash === entry.infoHash));
    if (!fits) {
      // Lost, damaged or of another instance: the node itself knows best. Once for each version.
      const version = `${entry.instanceID}:${entry.seq}`;
      if (!this.asked.has(version)) mesh.ask(entry.nodeID);
      this.asked.add(version);
      return;
    }
    const { hash: _, ...packet } = info;
    // While it was read, an INFO packet may have brought something later.
    if (membership.isNews(packet, mesh.known().get(entry.nodeID))) mesh.accept(packet as NodeInfo);
  }

  /** Consul's word alone removes nobody who answers: an agent that restarts takes its nodes off the list for a while. */
  private verifySuspects(): void {
    const { beatMs, membership, mesh } = this.parts;
    for (const suspect of membership.suspects(mesh.known().values())) {
      if (this.verifying.has(suspect.nodeID)) continue;
      this.verifying.add(suspect.nodeID);
      void mesh.ping(suspect.nodeID, Math.min(PING_TIMEOUT, beatMs / 2)).then((answers) => {
        this.verifying.delete(suspect.nodeID);
        if (answers || this.left) return;
        const still = membership.suspects(mesh.known().values());
        if (still.some((node) => node.instanceID === suspect.instanceID)) mesh.remove(suspect.nodeID);
      });
    }
  }

  /** Registered for a beat and still not listed: asks which rule is missing, and registers again in case none is. */
  private async explainAbsence(): Promise<void> {
    const { api, beatMs, membership, place, status } = this.parts;
    if (performance.now() - this.announcedAt < Math.min(beatMs, 1_000)) return;
    membership.distrust();
    const error = await findMissingRule(api, place.names.nodes);
    if (error) status.failed('self', error);
    else this.announcer.reannounce();
  }
}

function readInfo(value: Buffer): (NodeInfo & { readonly hash: string }) | undefined {
  try {
    const { info, hash } = decodeInfo(value);
    return { ...info, hash };
  } catch {
    return undefined;
  }
}
