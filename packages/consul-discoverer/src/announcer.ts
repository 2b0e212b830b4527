/** Keeps this node's INFO and catalogue entries in Consul as they are: one write at a time, the latest wins. */
import { backoff, pause } from './backoff.ts';
import { nodeRegistration, type Place, type Registration, serviceRegistrations } from './catalogue.ts';
import type { ConsulApi } from './consul-api.ts';
import { type ConsulError, toConsulError } from './errors.ts';
import { decodeInfo, encodeInfo, type NodeInfo } from './node-info.ts';

export interface AnnouncerEvents {
  /** The latest INFO is in Consul. */
  announced(): void;
  failed(error: ConsulError): void;
}

export class Announcer {
  private readonly api: ConsulApi;
  private readonly place: Place;
  private readonly nodeID: string;
  private readonly events: AnnouncerEvents;
  private wanted: NodeInfo | undefined;
  private done: NodeInfo | undefined;
  private running: Promise<void> | undefined;
  private waiting = new AbortController();
  private closed = false;
  /** What the agent is known to hold: entry id → its registration as text. Emptied whenever that is in doubt. */
  private held = new Map<string, string>();
  private storedHash: string | undefined;
  private sweptLeftovers = false;

  constructor(api: ConsulApi, place: Place, nodeID: string, events: AnnouncerEvents) {
    this.api = api;
    this.place = place;
    this.nodeID = nodeID;
    this.events = events;
  }

  /** Whether Consul holds the latest INFO, as far as this process knows. */
  get isCurrent(): boolean {
    return this.done !== undefined && this.done === this.wanted;
  }

  /** Retried with backoff until it is done or a later one takes its place. */
  announce(info: NodeInfo): void {
    this.wanted = info;
    this.wake();
  }

  /** Writes everything again: the agent or the servers have lost it. */
  reannounce(): void {
    this.forget();
    this.wake();
  }

  /** Resolves when nothing is being written. */
  async settled(): Promise<void> {
    await this.running;
  }

  /**
   * Keeps the node's check passing, also while a newer INFO waits to be written. An agent that has lost the check gets
   * the registration again. Never rejects.
   */
  async beat(): Promise<void> {
    if (this.closed) return;
    this.wake();
    if (!this.held.has(this.place.names.nodeEntry(this.nodeID))) return;
    try {
      await this.api.pass(this.place.names.nodeCheck(this.nodeID));
      if (this.isCurrent) this.events.announced();
    } catch (thrown) {
      const error = toConsulError(thrown);
      if (error.failure === 'unknown-check') this.reannounce();
      else if (!this.closed) this.events.failed(error);
    }
  }

  /** No more writes, nothing taken back: another process owns this nodeID now. */
  async abandon(): Promise<void> {
    this.closed = true;
    this.waiting.abort();
    await this.running;
  }

  /** Takes the services, the node and its INFO out of Consul, in this order. Rejects when Consul does not answer. */
  async withdraw(): Promise<void> {
    await this.abandon();
    const { names } = this.place;
    const node = names.nodeEntry(this.nodeID);
    for (const id of this.held.keys()) if (id !== node) await this.api.deregister(id);
    if (this.wanted) {
      await this.api.deregister(node);
      await this.deleteInfo(this.wanted.instanceID);
    }
    this.forget();
  }

  private wake(): void {
    this.waiting.abort();
    if (this.closed || this.running || !this.wanted || this.isCurrent) return;
    this.running = this.run().finally(() => {
      this.running = undefined;
      // What came between the last check and here.
      if (!this.isCurrent) this.wake();
    });
  }

  private async run(): Promise<void> {
    let failures = 0;
    while (!this.closed && this.wanted && this.wanted !== this.done) {
      const info = this.wanted;
      try {
        await this.write(info);
        this.done = info;
        failures = 0;
        if (this.wanted === info) this.events.announced();
      } catch (thrown) {
        if (this.closed) return;
        const error = toConsulError(thrown);
        this.events.failed(error);
        // What is too large changes nothing in Consul: the node lives on there with its last INFO that fitted.
        if (error.failure !== 'too-large') this.forget();
        this.waiting = new AbortController();
        if (this.wanted === info) await pause(backoff(++failures), this.waiting.signal);
      }
    }
  }

  /** INFO first: the node's entry is the signal that the INFO it names can be read. */
  private async write(info: NodeInfo): Promise<void> {
    const { names } = this.place;
    const encoded = encodeInfo(info);
    if (this.storedHash !== encoded.hash) {
      await this.api.putKey(names.infoKey(this.nodeID), encoded.value);
      this.storedHash = encoded.hash;
    }
    if (!this.sweptLeftovers) {
      // A process that was killed leaves entries whose alias check this node's would keep alive.
      const prefix = names.serviceEntryPrefix(this.nodeID);
      for (const id of await this.api.agentServices()) if (id.startsWith(prefix)) this.held.set(id, '');
      this.sweptLeftovers = true;
    }
    await this.register(nodeRegistration(info, encoded.hash, this.place));
    // Registering again leaves an expired check critical.
    await this.api.pass(names.nodeCheck(this.nodeID));
    const services = serviceRegistrations(info, this.place);
    for (const service of services) await this.register(service);
    const current = new Set([names.nodeEntry(this.nodeID), ...services.map(({ id }) => id)]);
    for (const id of [...this.held.keys()]) {
      if (current.has(id)) continue;
      await this.api.deregister(id);
      this.held.delete(id);
    }
  }

  private async register(registration: Registration): Promise<void> {
    const text = JSON.stringify(registration);
    if (this.held.get(registration.id) === text) return;
    await this.api.register(registration);
    this.held.set(registration.id, text);
  }

  /** Only one's own: a new process under the same nodeID may have written its INFO already. */
  private async deleteInfo(instanceID: string): Promise<void> {
    const pair = await this.api.getKey(this.place.names.infoKey(this.nodeID));
    if (pair && decodeInfo(pair.value).info.instanceID === instanceID) {
      await this.api.deleteKey(pair.key, pair.modifyIndex);
    }
  }

  private forget(): void {
    this.held.clear();
    this.storedHash = undefined;
    this.sweptLeftovers = false;
    this.done = undefined;
  }
}
