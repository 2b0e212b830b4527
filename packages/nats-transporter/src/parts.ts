/**
 * Answers above the server's `max_payload`, cut into parts on the sender's side and put together on the receiver's.
 *
 * Parts go to the subject of the whole, one after the other, marked by a header. NATS keeps the order of one publisher's
 * messages, so a part that does not follow the last one says that something was lost: the answer is then given up, and
 * its caller's timeout decides, as with any lost message.
 */
import { randomUUID } from 'node:crypto';

/** A node that puts parts together says so in its Moleculer metadata, which travel in its INFO. */
export const PARTS_METADATA = { natsParts: 1 } as const;

export const takesParts = (metadata: unknown): boolean =>
  (metadata as { natsParts?: unknown } | undefined)?.natsParts === PARTS_METADATA.natsParts;

/** `ID INDEX COUNT` */
export const PART_HEADER = 'Moleculer-Part';

/** Bytes of one answer. The same as of an answer over HTTP (moleculer-federation's HttpTransport). */
export const MAX_ANSWER = 16 * 1024 * 1024;

/** Headers count against `max_payload` too. */
const HEADER_SPACE = 256;

export interface Part {
  readonly header: string;
  readonly data: Buffer;
}

/** @param maxPayload bytes of one message. */
export function cut(data: Buffer, maxPayload: number): readonly Part[] {
  const size = Math.max(1, maxPayload - HEADER_SPACE);
  const count = Math.ceil(data.length / size);
  const id = randomUUID();
  return Array.from({ length: count }, (_, index) => ({
    header: `${id} ${index} ${count}`,
    data: data.subarray(index * size, (index + 1) * size),
  }));
}

/** Bytes of all answers that are not whole yet. The oldest is given up for a new one. */
const MAX_UNDER_WAY = 4 * MAX_ANSWER;

interface UnderWay {
  readonly parts: Buffer[];
  readonly count: number;
  size: number;
}

export class PartsUnderWay {
  /** The oldest first. */
  readonly #answers = new Map<string, UnderWay>();
  #size = 0;

  /** @returns the whole with its last part. */
  add(header: string, data: Uint8Array): Buffer | undefined {
    const [, id, index, count] = /^([\w-]{1,64}) (\d{1,6}) (\d{1,6})$/.exec(header) ?? [];
    if (id === undefined) return undefined;
    const answer = this.#answers.get(id) ?? { parts: [], count: Number(count), size: 0 };
    if (Number(index) !== answer.parts.length || answer.size + data.length > MAX_ANSWER) {
      this.#drop(id);
      return undefined;
    }
    this.#answers.set(id, answer);
    // The client reuses what it read into.
    answer.parts.push(Buffer.from(data));
    answer.size += data.length;
    this.#size += data.length;
    if (answer.parts.length === answer.count) {
      this.#drop(id);
      return Buffer.concat(answer.parts, answer.size);
    }
    for (const oldest of this.#answers.keys()) {
      if (this.#size <= MAX_UNDER_WAY) break;
      this.#drop(oldest);
    }
    return undefined;
  }

  #drop(id: string): void {
    this.#size -= this.#answers.get(id)?.size ?? 0;
    this.#answers.delete(id);
  }
}
