/** One row of a group's queue, without its message. */
export interface Waiting {
  readonly seq: number;
  readonly key: string;
  /** The message's seq. */
  readonly message: number;
  attempts: number;
  /** ms since 1970; 0: at once. */
  dueAt: number;
}

/**
 * The front of one group's queue, in memory: its owner is the only one who writes to the file, and looking here costs a
 * hundredth of asking the file each time.
 *
 * Contract: what it holds is the queue's beginning, without a gap; `complete` says that it is all of it.
 */
export class DeliveryWindow {
  /** By seq, in the order of seq. */
  readonly #waiting = new Map<number, Waiting>();
  /** Those that were put off. Few: a look into them is no search. */
  readonly #putOff = new Set<Waiting>();
  complete = false;
  /** Seq of the last one that was ever added. */
  last = 0;

  /** At the end: `seq` is greater than all before. */
  add(waiting: Waiting): void {
    this.#waiting.set(waiting.seq, waiting);
    if (waiting.dueAt > 0) this.#putOff.add(waiting);
    this.last = waiting.seq;
  }

  get size(): number {
    return this.#waiting.size;
  }

  get(seq: number): Waiting | undefined {
    return this.#waiting.get(seq);
  }

  remove(seq: number): void {
    const waiting = this.#waiting.get(seq);
    if (!waiting) return;
    this.#waiting.delete(seq);
    this.#putOff.delete(waiting);
  }

  putOff(seq: number, dueAt: number): void {
    const waiting = this.#waiting.get(seq);
    if (!waiting) return;
    waiting.dueAt = dueAt;
    this.#putOff.add(waiting);
  }

  /** The first of each key, where that is due and its key not in `busy`; by seq, at most `limit`. */
  due(now: number, busy: ReadonlySet<string>, limit: number): Waiting[] {
    const found: Waiting[] = [];
    const seen = new Set<string>();
    for (const waiting of this.#waiting.values()) {
      if (found.length === limit) break;
      if (seen.has(waiting.key)) continue;
      seen.add(waiting.key);
      if (waiting.dueAt <= now && !busy.has(waiting.key)) found.push(waiting);
    }
    return found;
  }

  nextDueAt(now: number): number | undefined {
    let next: number | undefined;
    for (const { dueAt } of this.#putOff) if (dueAt > now && dueAt < (next ?? Infinity)) next = dueAt;
    return next;
  }
}
