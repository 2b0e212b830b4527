import type { Message } from '../channel.ts';
import { messageSize } from '../validate.ts';

export interface StoredMessage {
  readonly message: Message;
  readonly publishedAt: number;
}

/** Enough for what is on its way between a publish and its handlers; a backlog is read from the file. */
const MAX_BYTES = 8 * 1_048_576;

/** The messages stored last, by seq: most are handled at once, by several groups, and need not be read again for each. */
export class MessageCache {
  readonly #messages = new Map<number, StoredMessage>();
  #bytes = 0;

  get(seq: number): StoredMessage | undefined {
    return this.#messages.get(seq);
  }

  /** `seq` is new. */
  add(seq: number, stored: StoredMessage): void {
    this.#messages.set(seq, stored);
    this.#bytes += messageSize(stored.message);
    for (const [oldest, { message }] of this.#messages) {
      if (this.#bytes <= MAX_BYTES) break;
      this.#messages.delete(oldest);
      this.#bytes -= messageSize(message);
    }
  }

  clear(): void {
    this.#messages.clear();
    this.#bytes = 0;
  }
}
