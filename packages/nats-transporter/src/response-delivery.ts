import { setTimeout as delay } from 'node:timers/promises';
import { type KeptResponse, ResponseQueue } from './response-queue.ts';

/** How long after a reconnect a caller may still be on its way back. Units: ms. */
const RECOVERY_MS = 3_000;
const AGAIN_MS = 50;

export interface ResponseWire {
  /** Publishes with a reply subject on which the server reports that nobody listens. May throw when closed. */
  publish(topic: string, data: Buffer, number: number): void;
  /** Resolves true after the server has handled, and reported on, everything published before. */
  flush(): Promise<boolean>;
}

/**
 * Brings responses to their callers over a break of the connection.
 *
 * While the connection is down they are kept. For some seconds after it is back each is *confirmed*: published with a
 * reply subject and followed by a flush. The server answers in order, so a flush without a report means that somebody
 * got it. What nobody got is sent again until the window is over. No response is sent twice to one that listened.
 */
export class ResponseDelivery {
  readonly #queue = new ResponseQueue();
  readonly #unconfirmed = new Map<number, KeptResponse>();
  readonly #undelivered = new Set<number>();
  readonly #wire: ResponseWire;
  readonly #onLost: (count: number) => void;
  #number = 0;
  #until = 0;
  #round = 0;

  constructor(wire: ResponseWire, onLost: (count: number) => void) {
    this.#wire = wire;
    this.#onLost = onLost;
  }

  /** Are callers possibly not back yet? Then responses go through `deliver`, and silence proves nothing about a node. */
  get recovering(): boolean {
    return performance.now() < this.#until;
  }

  keep(topic: string, data: Buffer): void {
    this.#keep({ topic, data, since: performance.now() });
  }

  /** The connection is back: sends what was kept, and watches for `RECOVERY_MS`. */
  async recover(): Promise<void> {
    this.#until = performance.now() + RECOVERY_MS;
    const round = ++this.#round;
    while (round === this.#round) {
      if (this.#queue.size && !(await this.#attempt(this.#queue.takeAll()))) return;
      if (!this.recovering) break;
      await delay(AGAIN_MS, undefined, { ref: false });
    }
    if (round === this.#round && this.#queue.size) this.#onLost(this.#queue.takeAll().length);
  }

  async deliver(topic: string, data: Buffer): Promise<void> {
    await this.#attempt([{ topic, data, since: performance.now() }]);
  }

  /** The server's report on the response of this number. */
  undelivered(number: number): void {
    if (this.#unconfirmed.has(number)) this.#undelivered.add(number);
  }

  /** Ends the watching; what is kept stays kept for a next `recover`. */
  pause(): void {
    this.#round++;
    this.#until = 0;
  }

  async #attempt(batch: readonly KeptResponse[]): Promise<boolean> {
    const numbers: number[] = [];
    for (const response of batch) {
      const number = ++this.#number;
      numbers.push(number);
      this.#unconfirmed.set(number, response);
      this.#wire.publish(response.topic, response.data, number);
    }
    const confirmed = await this.#wire.flush();
    for (const number of numbers) {
      const response = this.#unconfirmed.get(number);
      this.#unconfirmed.delete(number);
      const missed = this.#undelivered.delete(number);
      if (response && (missed || !confirmed)) this.#keep(response);
    }
    return confirmed;
  }

  #keep(response: KeptResponse): void {
    const lost = this.#queue.keep(response);
    if (lost) this.#onLost(lost);
  }
}
