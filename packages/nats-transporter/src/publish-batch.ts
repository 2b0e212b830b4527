/**
 * Collects what a node publishes in one turn of the event loop, so that it leaves in one write. The client writes after
 * each callback of the loop: a gateway that reads fifty requests in a turn would make fifty writes, each of which costs
 * the system more than all else that a call needs.
 */
export interface Outgoing {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly reply: string | undefined;
}

/** Then they leave without waiting for the turn's end: others could work on them already. */
const ENOUGH = 16;

export class PublishBatch {
  readonly #send: (message: Outgoing) => void;
  #waiting: Outgoing[] = [];
  #scheduled = false;

  /** @param send takes the messages in the order of `add`, one after the other within one callback of the loop. */
  constructor(send: (message: Outgoing) => void) {
    this.#send = send;
  }

  add(message: Outgoing): void {
    if (this.#waiting.push(message) >= ENOUGH) {
      this.flush();
    } else if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => {
        this.#scheduled = false;
        this.flush();
      });
    }
  }

  /** Sends what waits now, before anything that must come after it. */
  flush(): void {
    if (this.#waiting.length === 0) return;
    const leaving = this.#waiting;
    this.#waiting = [];
    for (const message of leaving) this.#send(message);
  }
}
