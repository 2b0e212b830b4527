import { setTimeout as delay } from 'node:timers/promises';
import { Errors, Transporters } from 'moleculer';
import type { NatsConnection, Subscription } from 'nats';
import {
  type BalancedService,
  BalancedSubscriptions,
  balancedSubjects,
  flushed,
} from './balanced-subscriptions.ts';
import { DeadNodes } from './dead-nodes.ts';
import { dial } from './dial.ts';
import { NatsConfigurationError, PayloadTooLargeError, PermissionDeniedError } from './errors.ts';
import { failStart, join, suspend } from './join.ts';
import { markNeverRan } from './never-ran.ts';
import { type InfoPayload, judgeInfo } from './node-info.ts';
import { connectionOptions, type NatsTransporterOptions } from './options.ts';
import {
  type AnyPacket,
  describePacket,
  errorResponse,
  groupPackets,
  idOf,
  isFirstOfRequest,
  isStream,
} from './packets.ts';
import { RequestsInFlight } from './requests-in-flight.ts';
import { ResponseDelivery } from './response-delivery.ts';
import { watchStatus } from './status.ts';
import { inboxOf, readReplySubject, replySubject } from './undelivered.ts';

const DRAIN_MS = 2_000;
const PROBE_MS = 1_000;

/**
 * Moleculer's NATS transporter, made to tell the truth about the connection and about undeliverable requests.
 *
 * - `connected` follows the connection: while it is down, calls are rejected at once with a retryable error that says
 *   they never ran; responses are kept and brought to their callers afterwards.
 * - A request nobody listens for fails within a round trip (`UNDELIVERED`), and its target leaves the registry.
 * - What cannot be cured by waiting (login, TLS, a forbidden subject) fails `broker.start()`.
 *
 * On the wire it is Moleculer's protocol 5, so stock nodes may be in the same mesh.
 */
export class NatsTransporter extends Transporters.NATS {
  readonly #options: NatsTransporterOptions;
  readonly #balanced = new BalancedSubscriptions();
  readonly #responses: ResponseDelivery;
  readonly #denied: PermissionDeniedError[] = [];
  readonly #toldDenied = new Set<string>();
  #deadNodes: DeadNodes | undefined;
  #inFlight: RequestsInFlight | undefined;
  #inbox = '';
  #life = new AbortController();
  #probe: NodeJS.Timeout | undefined;
  #announcements: Promise<unknown> = Promise.resolve();
  #maxPayload = Number.POSITIVE_INFINITY;
  #lastInfo = 0;
  #wasStarted = false;

  /** @throws NatsConfigurationError for a URL, seed or credentials file that cannot be used. */
  constructor(options: string | NatsTransporterOptions = {}) {
    const own = typeof options === 'string' ? { url: options } : { ...options };
    super(own);
    this.#options = own;
    connectionOptions(own, 'check');
    this.#responses = new ResponseDelivery(
      {
        publish: (topic, data, number) => this.#publish(topic, data, { kind: 'res', number }),
        flush: () => this.#flush(),
      },
      (count) =>
        this.logger.warn(`${count} response(s) could not be brought to their callers and were given up.`),
    );
  }

  override init(...[transit, messageHandler]: Parameters<Transporters.NATS['init']>): void {
    super.init(
      transit,
      (command, packet) => this.#incoming(command, packet as unknown as AnyPacket, messageHandler),
      () => undefined,
    );
    this.#inbox = inboxOf(this.prefix, this.nodeID);
    this.#deadNodes = new DeadNodes(this.broker, transit);
    this.#inFlight = new RequestsInFlight(transit);
    this.broker.localBus.on('$broker.started', () => {
      this.#wasStarted = true;
    });
  }

  /** Resolves when the node is in the mesh, or start has failed, or the broker was stopped meanwhile. Never rejects. */
  override async connect(): Promise<void> {
    this.#life = new AbortController();
    this.#denied.length = 0;
    this.#toldDenied.clear();
    this.#wasStarted = false;
    const { signal } = this.#life;
    try {
      const options = connectionOptions(this.#options, this.nodeID);
      const where = [options.servers ?? 'the default address'].flat().join(', ');
      const client = await dial(options, signal, (reason) => {
        this.logger.warn(`NATS at ${where} cannot be reached (${reason}); trying again until it can.`);
        this.#report(new Errors.MoleculerError(`NATS at ${where} cannot be reached: ${reason}`));
      });
      if (!client) return;
      if (signal.aborted) return void (await client.close());
      this.client = client;
      this.#connected(client);
      this.logger.info(`Connected to NATS at ${client.getServer()}.`);
      this.#watch(client);
      this.#probe = setInterval(() => this.#probeOverdue(), PROBE_MS).unref();
      await join(this.transit, false, () => this.#lastInfo, signal);
    } catch (error) {
      const reason = error as Error;
      this.#tell(reason);
      await this.disconnect();
      failStart(this.transit, reason);
    }
  }

  override async disconnect(): Promise<void> {
    this.#life.abort();
    clearInterval(this.#probe);
    this.#responses.pause();
    this.#balanced.clear();
    const client: NatsConnection | null = this.client;
    const wasConnected = this.connected;
    this.connected = false;
    this.client = null;
    if (!client || client.isClosed()) return;
    // Drained, so that requests already on their way are answered ("not available", never ran) instead of vanishing.
    if (wasConnected)
      await Promise.race([client.drain().catch(() => undefined), delay(DRAIN_MS, undefined, { ref: false })]);
    await client.close();
  }

  /** @throws PermissionDeniedError naming the first subject that the server refuses. */
  override async makeSubscriptions(topics: Array<Record<string, unknown>>): Promise<void> {
    await super.makeSubscriptions(topics);
    this.client.subscribe(`${this.#inbox}.>`, {
      callback: (error: Error | null, message: { subject: string }) => {
        if (error) this.#subscriptionDenied(`${this.#inbox}.>`);
        else this.#undelivered(message.subject);
      },
    });
    // A break in between is no failure: the client repeats its subscriptions when it is back.
    while (!(await this.#flush())) {
      if (this.#life.signal.aborted) return;
      await delay(50);
    }
    const [denied] = this.#denied;
    if (denied) throw denied;
  }

  override subscribe(command: string, nodeID?: string): Promise<void> {
    this.#listen(this.getTopicName(command, nodeID), command);
    return Promise.resolve();
  }

  /** By difference, in order; resolves when the server knows the new subjects, so that they may be announced. */
  override makeBalancedSubscriptions(): Promise<void> {
    if (!this.client) return Promise.resolve();
    const services = this.#leaving
      ? []
      : (this.broker.getLocalNodeInfo().services as unknown[] as BalancedService[]);
    const added = this.#balanced.update(
      balancedSubjects(this.prefix, services),
      ({ topic, command, queue }) => this.#listen(topic, command, queue),
    );
    return added && this.connected ? this.#flush().then(() => undefined) : Promise.resolve();
  }

  override unsubscribeFromBalancedCommands(): Promise<void> {
    this.#balanced.update([], () => {
      throw new Error('nothing is wanted');
    });
    return Promise.resolve();
  }

  override prepublish(packet: AnyPacket): Promise<void> {
    if (packet.type === 'RES') return this.publish(packet);
    if (packet.type === 'REQ' && !this.connected) return this.#refuse(packet);
    if (packet.type === 'INFO' && this.connected) return this.#announce(packet);
    const copies = this.connected ? groupPackets(packet) : [];
    if (!copies.length) return super.prepublish(packet);
    // Awaited, unlike in Moleculer (base.js:353): an event that cannot be sent must not be reported as sent.
    return Promise.all(copies.map(({ copy, group }) => this.publishBalancedEvent(copy, group))).then(
      () => undefined,
    );
  }

  /** A response that is too large becomes an error for the caller, who would wait for its timeout otherwise. */
  override publish(packet: AnyPacket): Promise<void> {
    const sent = super.publish(packet);
    if (packet.type !== 'RES') return sent;
    return sent.catch((error: unknown) => {
      if (!(error instanceof PayloadTooLargeError)) throw error;
      this.logger.error(error.message);
      return super.publish(
        errorResponse(packet, this.transit._createPayloadErrorField(error, packet.payload as object)),
      );
    });
  }

  /** @throws PayloadTooLargeError (as a rejection) before anything is sent. */
  override async send(topic: string, data: Buffer, meta?: { readonly packet?: AnyPacket }): Promise<void> {
    const packet = meta?.packet;
    if (data.length > this.#maxPayload) {
      throw new PayloadTooLargeError({
        what: describePacket(packet),
        size: data.length,
        limit: this.#maxPayload,
      });
    }
    if (packet?.type === 'RES') {
      if (!this.connected) return this.client ? this.#responses.keep(topic, data) : undefined;
      if (this.#responses.recovering) return this.#responses.deliver(topic, data);
    }
    if (!packet || !isFirstOfRequest(packet)) {
      const target = packet?.type === 'PING' ? packet.target : undefined;
      const instanceID = target ? this.#deadNodes?.instanceOf(target) : undefined;
      this.#publish(
        topic,
        data,
        target && instanceID ? { kind: 'node', nodeID: target, instanceID } : undefined,
      );
      return;
    }
    const contextId = idOf(packet);
    this.#deadNodes?.sending(this.#inFlight?.get(contextId));
    if (!this.#publish(topic, data, { kind: 'req', contextId })) {
      throw markNeverRan(new Errors.BrokerDisconnectedError(''), contextId);
    }
  }

  /** True from the first moment of `broker.stop()`; Moleculer sets `stopping` only after its announcement. */
  get #leaving(): boolean {
    return this.#wasStarted && !this.broker.started;
  }

  #connected(client: NatsConnection): void {
    this.connected = true;
    this.#maxPayload = client.info?.max_payload ?? Number.POSITIVE_INFINITY;
  }

  #publish(topic: string, data: Buffer, reply?: Parameters<typeof replySubject>[1]): boolean {
    const client: NatsConnection | null = this.client;
    if (!client || client.isClosed() || (client.isDraining() && reply?.kind === 'req')) return false;
    try {
      client.publish(topic, data, reply ? { reply: replySubject(this.#inbox, reply) } : {});
      return true;
    } catch {
      return false;
    }
  }

  #flush(): Promise<boolean> {
    const client: NatsConnection | null = this.client;
    return client && !client.isClosed() ? flushed(client) : Promise.resolve(false);
  }

  #listen(topic: string, command: string, queue?: string): Subscription {
    return this.client.subscribe(topic, {
      ...(queue === undefined ? {} : { queue }),
      callback: (error: Error | null, message: { data: Uint8Array }) => {
        if (error) this.#subscriptionDenied(topic);
        else void this.receive(command, Buffer.from(message.data));
      },
    });
  }

  #incoming(command: string, packet: AnyPacket, next: (command: string, packet: string) => void): void {
    if (command === 'INFO') {
      this.#lastInfo = performance.now();
      const info = packet.payload as unknown as InfoPayload;
      const verdict = judgeInfo(info, this.broker.registry.nodes.get(info.sender));
      if (verdict === 'stale') return;
      if (verdict === 'restarted') this.transit.removePendingRequestByNodeID(info.sender);
    }
    return next(command, packet as unknown as string);
  }

  /** Subscribe, flush, then announce; one at a time, so that an older INFO is never overtaken by its successor. */
  #announce(packet: AnyPacket): Promise<void> {
    const payload = packet.payload as unknown as { services: readonly unknown[] };
    if (this.#leaving) payload.services = [];
    if (!this.broker.options.disableBalancer) return super.prepublish(packet);
    const sent = this.#announcements.then(async () => {
      await this.makeBalancedSubscriptions();
      await super.prepublish(packet);
    });
    this.#announcements = sent.catch(() => undefined);
    return sent;
  }

  /**
   * The connection is down. Past the transit, which would log an error with a stack for each call of an outage; not for
   * a stream, whose chunks it would go on to send.
   */
  #refuse(packet: AnyPacket): Promise<void> {
    const error = markNeverRan(new Errors.BrokerDisconnectedError(''), idOf(packet));
    const told = isFirstOfRequest(packet) && !isStream(packet) && this.#inFlight?.fail(idOf(packet), error);
    return told ? Promise.resolve() : Promise.reject(error);
  }

  /** The server found no listener for a message of ours. */
  #undelivered(subject: string): void {
    const what = readReplySubject(this.#inbox, subject);
    if (what?.kind === 'res') return this.#responses.undelivered(what.number);
    if (what?.kind === 'node') return this.#evict(what.nodeID, what.instanceID);
    const pending = what && this.#inFlight?.get(what.contextId);
    if (!pending) return;
    this.#inFlight?.failUndelivered(what.contextId, pending);
    const instanceID = this.#deadNodes?.instanceOfPending(pending);
    if (pending.nodeID && instanceID) this.#evict(pending.nodeID, instanceID);
  }

  #evict(nodeID: string, instanceID: string): void {
    // Right after a reconnect others are still on their way back; evicting them would reject what they are working on.
    if (this.#responses.recovering || !this.connected) return;
    void this.#deadNodes?.evict(nodeID, instanceID, () => this.#flush());
  }

  #probeOverdue(): void {
    for (const nodeID of this.#deadNodes?.overdue() ?? [])
      if (this.connected) void this.transit.sendPing(nodeID);
  }

  #watch(client: NatsConnection): void {
    let downSince = 0;
    void watchStatus(client, {
      ended: () => client !== this.client,
      down: (server) => {
        downSince = performance.now();
        this.connected = false;
        this.#responses.pause();
        this.logger.warn(`The connection to NATS at ${server} is lost; calls fail fast until it is back.`);
        suspend(this.transit);
      },
      up: (server) => {
        this.#connected(client);
        const away = Math.round(performance.now() - downSince);
        this.logger.info(`The connection to NATS at ${server} is back after ${away} ms.`);
        void this.#responses.recover();
        void join(this.transit, true, () => this.#lastInfo, this.#life.signal);
      },
      refused: (reason) => {
        const text = `NATS refuses this node (${reason}); trying again until it is let in.`;
        this.#tell(new NatsConfigurationError(text));
      },
      publishDenied: (subject) => this.#publishDenied(subject),
      closed: (reason) => {
        this.connected = false;
        suspend(this.transit);
        this.#tell(new Errors.MoleculerError(`The connection to NATS is closed for good: ${reason}`));
      },
      other: (text) => this.logger.debug(`NATS client ${text}`),
    });
  }

  #subscriptionDenied(subject: string): void {
    const error = new PermissionDeniedError({ operation: 'subscribe', subject, nodeID: this.nodeID });
    this.#denied.push(error);
    this.#tellDenied(subject, error);
  }

  /** Requests to that subject would wait for their timeout. */
  /** Requests to that subject would wait for their timeout. */
  #publishDenied(subject: string): void {
    const error = new PermissionDeniedError({ operation: 'publish', subject, nodeID: this.nodeID });
    this.#tellDenied(subject, error);
    this.#inFlight?.failAllTo(subject, this.prefix, error);
  }

  #tellDenied(subject: string, error: Error): void {
    if (!this.#toldDenied.has(subject)) this.#tell(error);
    this.#toldDenied.add(subject);
  }

  /** To people and to programs: the log, and Moleculer's `$transporter.error`. */
  #tell(error: Error): void {
    this.logger.error(error.message);
    this.#report(error);
  }

  #report(error: Error): void {
    this.broker.broadcastLocal('$transporter.error', { error, module: 'transporter', type: 'clientError' });
  }
}
