/**
 * Who is in the mesh, decided from three witnesses: Consul's list, INFO packets over the transporter, and deaths noticed
 * there. Pure: no I/O, the clock is given. It only says what to fetch and whom to doubt; the caller acts.
 *
 * - Consul may only remove an instance that Consul has shown before: its list can be older than an INFO packet.
 * - After a death on the transporter Consul still says "passing" until the TTL: for one TTL it is not believed about that
 *   instance. If it says so afterwards, the instance has beaten since and lives.
 * - A list without oneself, a list after an outage and a list with most nodes gone are no reason to remove anybody for
 *   one TTL: that is how lost data, a filtering ACL and a restarted agent look.
 * - A server that has just restarted answers while it still replays its log: with entries, healthy ones, of instances that
 *   died long ago. For one TTL such a list does not put another instance in the place of one that is known.
 * - An instance that was followed by another one never comes back, unless Consul keeps on vouching for it: then it has
 *   beaten since, and it was the follower that was a ghost.
 */
import type { CatalogueNode } from './catalogue.ts';

/** A remote node as Moleculer's registry has it. */
export interface KnownNode {
  readonly nodeID: string;
  readonly instanceID: string;
  readonly seq: number;
  readonly available: boolean;
}

/** Fewer nodes than this may vanish together unquestioned. */
const MASS = 3;

/** Milliseconds after which no packet or list of a replaced instance is still under way. */
const SUCCESSION_MEMORY = 3_600_000;

export class Membership {
  private readonly self: { readonly nodeID: string; readonly instanceID: string };
  private readonly ttlMs: number;
  private readonly now: () => number;
  private list: readonly CatalogueNode[] = [];
  private listed = false;
  private readonly seen = new Set<string>();
  private readonly heardAt = new Map<string, number>();
  /** instanceID → until when Consul is not believed about it. */
  private readonly tombstones = new Map<string, number>();
  /** Instances followed by another one of the same node, and when: they never come back. */
  private readonly successions = new Map<string, number>();
  /** No removals on Consul's word before this time. */
  private holdUntil = 0;
  /** No successions on Consul's word before this time. */
  private outdatedUntil = 0;
  private massSince: number | undefined;

  constructor(self: { nodeID: string; instanceID: string }, ttlMs: number, now: () => number) {
    this.self = self;
    this.ttlMs = ttlMs;
    this.now = now;
  }

  /** Takes Consul's latest list. */
  update(list: readonly CatalogueNode[]): void {
    this.list = list;
    this.listed = true;
    for (const entry of list) if (entry.healthy) this.seen.add(entry.instanceID);
    this.prune();
  }

  /** Whether Consul's latest list has this very process in it. */
  get listsSelf(): boolean {
    return this.list.some((entry) => entry.instanceID === this.self.instanceID);
  }

  /** No removals on Consul's word for one TTL. */
  distrust(): void {
    this.holdUntil = this.now() + this.ttlMs;
  }

  /** As `distrust`; besides, the list may be from before what is known: no instance follows another on its word. */
  mayBeOutdated(): void {
    this.distrust();
    this.outdatedUntil = this.holdUntil;
  }

  /** An INFO over the transporter: proof of life. False when it is one of an instance that has been replaced. */
  heard(instanceID: string): boolean {
    if (this.isReplaced(instanceID)) return false;
    this.heardAt.set(instanceID, this.now());
    this.tombstones.delete(instanceID);
    return true;
  }

  /** A death noticed on the transporter: goodbye, or an undeliverable request. */
  died(instanceID: string): void {
    this.tombstones.set(instanceID, this.now() + this.ttlMs);
  }

  /** Another instance of the same node took its place. */
  replaced(instanceID: string): void {
    this.successions.set(instanceID, this.now());
  }

  /** Listed entries whose INFO the registry lacks, at most one for each node. */
  wanted(known: ReadonlyMap<string, KnownNode>): CatalogueNode[] {
    const best = new Map<string, CatalogueNode>();
    for (const entry of this.list) {
      if (entry.nodeID === this.self.nodeID || !entry.healthy || this.isGone(entry.instanceID)) continue;
      const rival = best.get(entry.nodeID);
      // Two agents may list one node for a while: the later change is the later instance.
      if (!rival || entry.modifyIndex > rival.modifyIndex) best.set(entry.nodeID, entry);
    }
    return [...best.values()].filter((entry) => this.isNews(entry, known.get(entry.nodeID)));
  }

  /** Whether an INFO of this instance would be news; asked again when it has been fetched. */
  isNews(info: { instanceID: string; seq: number }, node: KnownNode | undefined): boolean {
    if (this.isGone(info.instanceID)) return false;
    if (!node) return true;
    if (node.instanceID === info.instanceID) return !node.available || info.seq > node.seq;
    if (this.now() < this.outdatedUntil) return false;
    if (!node.available) return true;
    // The registry's instance may be too young for Consul's list; it is not replaced by one it may have replaced.
    return this.seen.has(node.instanceID) || !this.isYoung(node.instanceID);
  }

  /** Available nodes that Consul no longer vouches for: to be asked, and removed when they do not answer. */
  suspects(known: Iterable<KnownNode>): KnownNode[] {
    if (!this.listed || this.now() < this.holdUntil || !this.listsSelf) return [];
    const vouched = new Set(this.list.filter((entry) => entry.healthy).map((entry) => entry.instanceID));
    let backed = 0;
    const suspects: KnownNode[] = [];
    for (const node of known) {
      if (!node.available || node.nodeID === this.self.nodeID) continue;
      if (vouched.has(node.instanceID)) backed++;
      else if (this.seen.has(node.instanceID) || !this.isYoung(node.instanceID)) suspects.push(node);
    }
    if (suspects.length >= MASS && suspects.length > backed) {
      this.massSince ??= this.now();
      return this.now() - this.massSince < this.ttlMs ? [] : suspects;
    }
    this.massSince = undefined;
    return suspects;
  }

  private isGone(instanceID: string): boolean {
    return this.isReplaced(instanceID) || (this.tombstones.get(instanceID) ?? 0) > this.now();
  }

  /** A dead instance is vouched for as long as its check runs, one TTL at most: twice that is proof of a beat. */
  private isReplaced(instanceID: string): boolean {
    const at = this.successions.get(instanceID);
    if (at === undefined) return false;
    const since = Math.max(at, this.holdUntil);
    return this.now() - since < 2 * this.ttlMs || !this.isVouchedFor(instanceID);
  }

  private isVouchedFor(instanceID: string): boolean {
    return this.list.some((entry) => entry.instanceID === instanceID && entry.healthy);
  }

  private isYoung(instanceID: string): boolean {
    return this.now() - (this.heardAt.get(instanceID) ?? Number.NEGATIVE_INFINITY) < this.ttlMs;
  }

  /** Forgets what no longer decides anything, so that nodes that come and go for years cost nothing. */
  private prune(): void {
    const now = this.now();
    const listed = new Set(this.list.map((entry) => entry.instanceID));
    for (const [id, until] of this.tombstones) if (until <= now) this.tombstones.delete(id);
    for (const [id, at] of this.heardAt) if (now - at >= this.ttlMs) this.heardAt.delete(id);
    // Having been seen only matters for the young: any other instance is judged by the list alone.
    for (const id of this.seen) if (!listed.has(id) && !this.heardAt.has(id)) this.seen.delete(id);
    for (const [id, at] of this.successions) {
      if (now - at > SUCCESSION_MEMORY && !listed.has(id)) this.successions.delete(id);
    }
  }
}
