/**
 * Responses that cannot be sent now: the connection is down, or the caller has not come back yet after a restart of
 * the server. Losing one would make the caller time out and, for what must not run twice, give up.
 *
 * Bounded: the oldest goes first. Order is kept.
 */
export interface KeptResponse {
  readonly topic: string;
  readonly data: Buffer;
  /** `performance.now()` at which the handler was done. */
  readonly since: number;
}

const MAX_COUNT = 10_000;
const MAX_BYTES = 64 * 1024 * 1024;

export class ResponseQueue {
  readonly #kept: KeptResponse[] = [];
  #bytes = 0;
  readonly #maxCount: number;
  readonly #maxBytes: number;

  constructor(maxCount = MAX_COUNT, maxBytes = MAX_BYTES) {
    this.#maxCount = maxCount;
    this.#maxBytes = maxBytes;
  }

  get size(): number {
    return this.#kept.length;
  }

  /** @returns how many old ones were given up to make room. */
  keep(response: KeptResponse): number {
    this.#kept.push(response);
    this.#bytes += response.data.length;
    let dropped = 0;
    while (this.#kept.length > this.#maxCount || (this.#bytes > this.#maxBytes && this.#kept.length > 1)) {
      this.#bytes -= this.#kept.shift()?.data.length ?? 0;
      dropped++;
    }
    return dropped;
  }

  /** Empties the queue. */
  takeAll(): KeptResponse[] {
    this.#bytes = 0;
    return this.#kept.splice(0);
  }
}
