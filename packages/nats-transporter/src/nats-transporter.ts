import { Errors, Serializers, type Transporters } from 'moleculer';
import { type BalancedService, BalancedSubscriptions, balancedSubjects } from './balanced-subscriptions.ts';
import { DeadNodes } from './dead-nodes.ts';
import { PayloadTooLargeError, type PermissionDeniedError } from './errors.ts';
import { NatsLink } from './nats-link.ts';
import { markNeverRan } from './never-ran.ts';
import { type InfoPayload, judgeInfo } from './node-info.ts';
import type { NatsTransporterOptions } from './options.ts';
import {
  type AnyPacket,
  describePacket,
  errorResponse,
  groupPackets,
  idOf,
  isFirstOfRequest,
  isStream,
} from './packets.ts';
import { MAX_ANSWER, PARTS_METADATA, takesParts } from './parts.ts';
import { RequestsInFlight } from './requests-in-flight.ts';
import { ResponseDelivery } from './response-delivery.ts';
import { idOfText, readTextAnswer, type TextAnswerOptions } from './text-answer.ts';
import { type TextParamsOptions, textOfParams, writeRequest } from './text-params.ts';
import { inboxOf, readReplySubject, replySubject } from './undelivered.ts';

const PROBE_MS = 1_000;

/**
 * Moleculer's NATS transporter, made to tell the truth about the connection and about undeliverable requests.
 *
 * - While the connection is down, calls are rejected at once with a retryable error that says they never ran;
 *   responses are kept and brought to their callers afterwards.
 * - A request nobody listens for fails within a round trip (`UNDELIVERED`), and its target leaves the registry.
 *
 * On the wire it is Moleculer's protocol 5, so stock nodes may be in the same mesh. The connection itself: NatsLink.
 */
export class NatsTransporter extends NatsLink {
  readonly #balanced = new BalancedSubscriptions();
  readonly #responses: ResponseDelivery;
  #deadNodes: DeadNodes | undefined;
  #inFlight: RequestsInFlight | undefined;
  #inbox = '';
  #probe: NodeJS.Timeout | undefined;
  #announcements: Promise<unknown> = Promise.resolve();
  #wasStarted = false;

  /** @throws NatsConfigurationError for a URL, seed or credentials file that cannot be used. */
  constructor(options: string | NatsTransporterOptions = {}) {
    super(options);
    this.#responses = new ResponseDelivery(
      {
        publish: (topic, data, number) =>
          this.publishNow(topic, data, replySubject(this.#inbox, { kind: 'res', number })),
        flush: () => this.flush(),
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
    // In place: the local node holds the same object already.
    Object.assign(this.broker.metadata, PARTS_METADATA);
    this.#inbox = inboxOf(this.prefix, this.nodeID);
    this.#deadNodes = new DeadNodes(this.broker, transit);
    this.#inFlight = new RequestsInFlight(transit);
    this.broker.localBus.on('$broker.started', () => {
      this.#wasStarted = true;
    });
  }

  override makeSubscriptions(topics: Array<Record<string, unknown>>): Promise<void> {
    this.hear(`${this.#inbox}.>`, ({ subject }) => this.#undelivered(subject));
    return super.makeSubscriptions(topics);
  }

  protected override onUp(wasReconnect: boolean): void {
    if (wasReconnect) {
      void this.#responses.recover();
      return;
    }
    this.#wasStarted = false;
    this.#balanced.clear();
    this.#probe = setInterval(() => this.#probeOverdue(), PROBE_MS).unref();
  }

  protected override onDown(): void {
    this.#responses.pause();
    if (this.isLeaving) clearInterval(this.#probe);
  }

  /** Requests to that subject would wait for their timeout. */
  protected override onPublishDenied(subject: string, error: PermissionDeniedError): void {
    this.#inFlight?.failAllTo(subject, this.prefix, error);
  }

  /** By difference, in order; resolves when the server knows the new subjects, so that they may be announced. */
  override makeBalancedSubscriptions(): Promise<void> {
    if (!this.client) return Promise.resolve();
    const services = this.#stopping
      ? []
      : (this.broker.getLocalNodeInfo().services as unknown[] as BalancedService[]);
    const added = this.#balanced.update(
      balancedSubjects(this.prefix, services),
      ({ topic, command, queue }) => this.listen(topic, command, queue),
    );
    return added && this.connected ? this.flush().then(() => undefined) : Promise.resolve();
  }

  override unsubscribeFromBalancedCommands(): Promise<void> {
    this.#balanced.update([], () => {
      throw new Error('nothing is wanted');
    });
    return Promise.resolve();
  }

  override prepublish(packet: AnyPacket): Promise<void> {
    if (packet.type === 'RES') return this.publish(packet);
    if (packet.type === 'REQ' && (!this.connected || this.isLeaving)) return this.#refuse(packet);
    if (packet.type === 'INFO' && this.connected) return this.#announce(packet);
    const copies = this.connected ? groupPackets(packet) : [];
    if (!copies.length) return super.prepublish(packet);
    // Awaited, unlike in Moleculer (base.js:353): an event that cannot be sent must not be reported as sent.
    return Promise.all(copies.map(({ copy, group }) => this.publishBalancedEvent(copy, group))).then(
      () => undefined,
    );
  }

  /** Writes a request around the params of a call with `textParams`. */
  override serialize(packet: AnyPacket): Buffer {
    if (packet.type === 'REQ' && this.broker.serializer instanceof Serializers.JSON) {
      const options = this.#inFlight?.get(idOf(packet))?.ctx.options as TextParamsOptions | undefined;
      const payload = packet.payload as unknown as Record<string, unknown>;
      const params = options && textOfParams(payload, options);
      if (params !== undefined) {
        payload.ver = this.broker.PROTOCOL_VERSION;
        payload.sender = this.nodeID;
        return Buffer.from(writeRequest(payload, params));
      }
    }
    return super.serialize(packet);
  }

  /** Leaves the data of a response to a call with `textAnswer` as it came. */
  override deserialize(type: string, data: Buffer): AnyPacket {
    if (type !== 'RES' || !(this.broker.serializer instanceof Serializers.JSON))
      return super.deserialize(type, data);
    const text = data.toString('utf8');
    const pending = this.#inFlight?.get(idOfText(text) ?? '');
    const { textAnswer } = (pending?.ctx.options ?? {}) as TextAnswerOptions;
    return (textAnswer && readTextAnswer(text)) || super.deserialize(type, data);
  }

  /** A response that is too large, in parts too, becomes an error for the caller, who would wait for its timeout otherwise. */
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
    const limit = packet?.type === 'RES' && this.#takesParts(packet.target) ? MAX_ANSWER : undefined;
    if (data.length > Math.max(this.maxPayload, limit ?? 0)) {
      throw new PayloadTooLargeError({
        what: describePacket(packet),
        size: data.length,
        limit: limit ?? this.maxPayload,
        whose: limit === undefined ? 'server' : 'node',
      });
    }
    if (packet?.type === 'RES') {
      if (!this.connected) return this.client ? this.#responses.keep(topic, data) : undefined;
      if (this.#responses.recovering) return this.#responses.deliver(topic, data);
    }
    const published = this.publishNow(topic, data, this.#reportOn(packet));
    if (published || !packet) return;
    if (isFirstOfRequest(packet)) throw markNeverRan(new Errors.BrokerDisconnectedError(''), idOf(packet));
    if (packet.type === 'EVENT') throw new Errors.BrokerDisconnectedError('');
  }

  #takesParts(nodeID: string | null | undefined): boolean {
    return takesParts(nodeID ? this.broker.registry.nodes.get(nodeID)?.metadata : undefined);
  }

  /** Where the server reports that a packet found no listener; for those of which it matters. */
  #reportOn(packet: AnyPacket | undefined): string | undefined {
    if (packet && isFirstOfRequest(packet)) {
      const contextId = idOf(packet);
      this.#deadNodes?.sending(this.#inFlight?.get(contextId));
      return replySubject(this.#inbox, { kind: 'req', contextId });
    }
    const nodeID = packet?.type === 'PING' ? packet.target : undefined;
    const instanceID = nodeID ? this.#deadNodes?.instanceOf(nodeID) : undefined;
    return nodeID && instanceID ? replySubject(this.#inbox, { kind: 'node', nodeID, instanceID }) : undefined;
  }

  /** True from the first moment of `broker.stop()`; Moleculer sets `stopping` only after its announcement. */
  get #stopping(): boolean {
    return this.#wasStarted && !this.broker.started;
  }

  #incoming(command: string, packet: AnyPacket, next: (command: string, packet: string) => unknown): unknown {
    if (command === 'INFO') {
      this.lastInfo = performance.now();
      const info = packet.payload as unknown as InfoPayload;
      const verdict = judgeInfo(info, this.broker.registry.nodes.get(info.sender));
      if (verdict === 'stale') return undefined;
      if (verdict === 'restarted') this.transit.removePendingRequestByNodeID(info.sender);
    }
    return next(command, packet as unknown as string);
  }

  /** Subscribe, flush, then announce; one at a time, so that an older INFO is never overtaken by its successor. */
  #announce(packet: AnyPacket): Promise<void> {
    const payload = packet.payload as unknown as { services: readonly unknown[] };
    if (this.#stopping) payload.services = [];
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
    if (what?.kind === 'res') this.#responses.undelivered(what.number);
    if (what?.kind === 'node') this.#evict(what.nodeID, what.instanceID);
    if (what?.kind !== 'req') return;
    const pending = this.#inFlight?.get(what.contextId);
    if (!pending) return;
    this.#inFlight?.failUndelivered(what.contextId, pending);
    const instanceID = this.#deadNodes?.instanceOfPending(pending);
    if (pending.nodeID && instanceID) this.#evict(pending.nodeID, instanceID);
  }

  #evict(nodeID: string, instanceID: string): void {
    // Right after a reconnect others are still on their way back; evicting them would reject what they are working on.
    if (this.#responses.recovering || !this.connected) return;
    void this.#deadNodes?.evict(nodeID, instanceID, () => this.flush());
  }

  #probeOverdue(): void {
    for (const nodeID of this.#deadNodes?.overdue() ?? [])
      if (this.connected) void this.transit.sendPing(nodeID);
  }
}
