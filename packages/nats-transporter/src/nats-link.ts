import { setTimeout as delay } from 'node:timers/promises';
import { Errors, Transporters } from 'moleculer';
import { headers, type MsgHdrs, type NatsConnection, type Subscription } from 'nats';
import { flushed } from './balanced-subscriptions.ts';
import { Denials } from './denials.ts';
import { dial } from './dial.ts';
import { NatsConfigurationError, type PermissionDeniedError } from './errors.ts';
import { failStart, join, suspend } from './join.ts';
import { connectionOptions, type NatsTransporterOptions } from './options.ts';
import { cut, PART_HEADER, PartsUnderWay } from './parts.ts';
import { PublishBatch } from './publish-batch.ts';
import { watchStatus } from './status.ts';

const DRAIN_MS = 2_000;

/** What the client hands over of a message. */
interface Heard {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly headers?: MsgHdrs;
}

/**
 * The connection: made, watched, given back. `connected` follows it, and so does the transit's. What cannot be cured by
 * waiting (login, TLS, a forbidden subject) fails `broker.start()`; everything else is waited for.
 */
export abstract class NatsLink extends Transporters.NATS {
  readonly #options: NatsTransporterOptions;
  #life = new AbortController();
  #denials: Denials | undefined;
  readonly #parts = new PartsUnderWay();
  readonly #batch = new PublishBatch(({ subject, data, reply }) => this.#write(subject, data, reply));
  #maxPayload = Number.POSITIVE_INFINITY;
  /** When the last INFO of a peer came in. */
  protected lastInfo = 0;

  /** @throws NatsConfigurationError for a URL, seed or credentials file that cannot be used. */
  constructor(options: string | NatsTransporterOptions = {}) {
    const own = typeof options === 'string' ? { url: options } : { ...options };
    super(own);
    this.#options = own;
    connectionOptions(own, 'check');
  }

  /** The server permits no publishing to `subject` and dropped a message. */
  protected abstract onPublishDenied(subject: string, error: PermissionDeniedError): void;
  /** The connection stands, the node is not yet (again) in the mesh. Subscriptions come with a reconnect by themselves. */
  protected abstract onUp(wasReconnect: boolean): void;
  /** The connection broke, or is given back (`isLeaving`). May be called more than once for one break. */
  protected abstract onDown(): void;

  /** Bytes; the server's own limit, as last told. */
  protected get maxPayload(): number {
    return this.#maxPayload;
  }

  /** Resolves when the node is in the mesh, or start has failed, or the broker was stopped meanwhile. Never rejects. */
  override async connect(): Promise<void> {
    this.#life = new AbortController();
    this.#denials = new Denials(this.nodeID, (error) => this.#tell(error));
    const { signal } = this.#life;
    try {
      const options = connectionOptions(this.#options, this.nodeID);
      const where = [options.servers ?? 'the default address'].flat().join(', ');
      const client = await dial(options, signal, (reason) => {
        this.logger.warn(`NATS at ${where} cannot be reached (${reason}); trying again until it can.`);
        this.#report(new Errors.MoleculerError(`NATS at ${where} cannot be reached: ${reason}`));
      });
      if (!client) return;
      if (signal.aborted) {
        await client.close();
        return;
      }
      this.client = client;
      this.#up(client, false);
      this.logger.info(`Connected to NATS at ${client.getServer()}.`);
      this.#watch(client);
      await join(this.transit, false, () => this.lastInfo, signal);
    } catch (error) {
      this.#tell(error as Error);
      await this.disconnect();
      failStart(this.transit, error as Error);
    }
  }

  override async disconnect(): Promise<void> {
    this.#life.abort();
    const client: NatsConnection | null = this.client;
    this.#batch.flush();
    // Drained while it still counts as connected, so that requests already on their way are answered ("not available",
    // never ran) instead of vanishing.
    if (client && this.connected) {
      await Promise.race([client.drain().catch(() => undefined), delay(DRAIN_MS, undefined, { ref: false })]);
    }
    this.onDown();
    this.connected = false;
    this.client = null;
    await client?.close();
  }

  /** @throws PermissionDeniedError naming the first subject that the server refuses. */
  override async makeSubscriptions(topics: Array<Record<string, unknown>>): Promise<void> {
    await super.makeSubscriptions(topics);
    // A break in between is no failure: the client repeats its subscriptions when it is back.
    while (!(await this.flush())) {
      if (this.#life.signal.aborted) return;
      await delay(50);
    }
    if (this.#denials?.subscription) throw this.#denials.subscription;
  }

  override subscribe(command: string, nodeID?: string): Promise<void> {
    this.listen(this.getTopicName(command, nodeID), command);
    return Promise.resolve();
  }

  /** Hands what arrives on `topic` to the transit as `command`. */
  protected listen(topic: string, command: string, queue?: string): Subscription {
    const heard = ({ data, headers }: Heard): void => {
      const part = headers?.get(PART_HEADER);
      // Not copied: the client reads each time into memory of its own.
      const whole = part
        ? this.#parts.add(part, data)
        : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
      if (whole) void this.receive(command, whole);
    };
    return this.hear(topic, heard, queue);
  }

  protected hear(topic: string, heard: (message: Heard) => void, queue?: string): Subscription {
    return this.client.subscribe(topic, {
      ...(queue === undefined ? {} : { queue }),
      callback: (error: Error | null, message: Heard) => {
        if (error) this.#denials?.add('subscribe', topic);
        else heard(message);
      },
    });
  }

  /**
   * Leaves with all that is published in this turn of the event loop. What is larger than a message may be goes in
   * parts, for which the receiver must be ready.
   *
   * @returns false when nothing is sent, because there is no client or it is on its way out.
   */
  protected publishNow(topic: string, data: Buffer, reply?: string): boolean {
    const client: NatsConnection | null = this.client;
    if (!client || client.isClosed()) return false;
    if (data.length <= this.#maxPayload && !this.isLeaving) {
      this.#batch.add({ subject: topic, data, reply });
      return true;
    }
    this.#batch.flush();
    return data.length <= this.#maxPayload
      ? this.#write(topic, data, reply)
      : cut(data, this.#maxPayload).every((part) => {
          const marked = headers();
          marked.set(PART_HEADER, part.header);
          return this.#write(topic, part.data, reply, marked);
        });
  }

  #write(topic: string, data: Uint8Array, reply: string | undefined, marked?: MsgHdrs): boolean {
    const client: NatsConnection | null = this.client;
    try {
      client?.publish(topic, data, {
        ...(reply !== undefined && { reply }),
        ...(marked && { headers: marked }),
      });
      return client !== null;
    } catch {
      return false;
    }
  }

  /** Resolves true when the server has handled, and reported on, everything published before. */
  protected flush(): Promise<boolean> {
    const client: NatsConnection | null = this.client;
    this.#batch.flush();
    return client && !client.isClosed() ? flushed(client) : Promise.resolve(false);
  }

  /** True from the first moment of `disconnect`: nothing new is begun, what arrives is still answered. */
  protected get isLeaving(): boolean {
    return this.#life.signal.aborted;
  }

  #up(client: NatsConnection, wasReconnect: boolean): void {
    this.connected = true;
    this.#maxPayload = client.info?.max_payload ?? Number.POSITIVE_INFINITY;
    this.onUp(wasReconnect);
  }

  #watch(client: NatsConnection): void {
    let downSince = 0;
    void watchStatus(client, {
      ended: () => client !== this.client || this.#life.signal.aborted,
      down: (server) => {
        downSince = performance.now();
        this.connected = false;
        this.onDown();
        this.logger.warn(`The connection to NATS at ${server} is lost; calls fail fast until it is back.`);
        suspend(this.transit);
      },
      up: (server) => {
        const away = Math.round(performance.now() - downSince);
        this.logger.info(`The connection to NATS at ${server} is back after ${away} ms.`);
        this.#up(client, true);
        void join(this.transit, true, () => this.lastInfo, this.#life.signal);
      },
      refused: (reason) => {
        const text = `NATS refuses this node (${reason}); trying again until it is let in.`;
        this.#tell(new NatsConfigurationError(text));
      },
      publishDenied: (subject) => {
        const error = this.#denials?.add('publish', subject);
        if (error) this.onPublishDenied(subject, error);
      },
      closed: (reason) => {
        this.connected = false;
        this.onDown();
        suspend(this.transit);
        this.#tell(new Errors.MoleculerError(`The connection to NATS is closed for good: ${reason}`));
      },
      other: (text) => this.logger.debug(`NATS client ${text}`),
    });
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
