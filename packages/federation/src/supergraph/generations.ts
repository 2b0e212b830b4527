import { type Logger, messageOf } from '../logger.ts';
import type { ParseOptions } from '../operation/parse-operation.ts';
import type { Planning } from '../planning/planner.ts';
import { type ComposedSupergraph, Generation } from './generation.ts';
import type { SupergraphSnapshot } from './snapshot.ts';
import { warmUp } from './warm-up.ts';

export interface GenerationsOptions {
  readonly planning: Planning;
  /** Of the operations that run on the generations. */
  readonly operations: ParseOptions;
  readonly snapshot?: SupergraphSnapshot | undefined;
  /** How long a new generation may be held back to plan the hottest operations for it, in ms. Default 250. */
  readonly warmUpTime?: number | undefined;
  readonly logger: Logger;
  /** A new generation is current. */
  onCurrent(generation: Generation): void;
  /** A superseded generation has ended its last operation. */
  onRetired(generation: Generation): void;
}

/**
 * One generation after the other: the current one, those that still end their operations, the snapshot on the disk.
 *
 * A generation goes live planned and warm, in one step; the one before ends what runs on it.
 */
export class Generations {
  readonly #options: GenerationsOptions;
  #current: Generation | undefined;
  #count = 0;
  readonly #retiring = new Set<Generation>();
  #saving: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: GenerationsOptions) {
    this.#options = options;
  }

  /** Undefined until the first swap or snapshot. */
  get current(): Generation | undefined {
    return this.#current;
  }

  get retiring(): ReadonlySet<Generation> {
    return this.#retiring;
  }

  /** @throws what making a generation throws; nothing has changed then. */
  async swap(composed: ComposedSupergraph): Promise<void> {
    const { logger, operations, planning, warmUpTime } = this.#options;
    const generation = await Generation.create(this.#count + 1, composed, operations, planning);
    const superseded = this.#current;
    if (superseded) await warmUp(generation, superseded, warmUpTime);
    if (this.#closed) return;
    this.#count += 1;
    this.#current = generation;
    logger.info(
      `Supergraph generation ${generation.id} (${generation.hash}): ${[...generation.subgraphs.keys()].join(', ')}`,
    );
    if (superseded) this.#retire(superseded);
    this.#save(composed);
    this.#options.onCurrent(generation);
  }

  /** Serves what was served last, if that was kept. Never rejects: a snapshot is a convenience. */
  async loadSnapshot(): Promise<void> {
    try {
      const composed = await this.#options.snapshot?.load();
      if (composed) await this.swap(composed);
    } catch (error) {
      this.#options.logger.warn(`The supergraph snapshot cannot be used: ${messageOf(error)}`);
    }
  }

  /** No generation goes live any more. */
  close(): void {
    this.#closed = true;
  }

  /** Resolves when the last snapshot is on the disk, or has failed. */
  saved(): Promise<void> {
    return this.#saving;
  }

  #retire(generation: Generation): void {
    this.#retiring.add(generation);
    generation.retire(() => {
      this.#retiring.delete(generation);
      this.#options.onRetired(generation);
    });
  }

  #save(composed: ComposedSupergraph): void {
    const { logger, snapshot } = this.#options;
    if (!snapshot) return;
    this.#saving = this.#saving
      .then(() => snapshot.save(composed))
      .catch((error: unknown) =>
        logger.warn(`The supergraph snapshot could not be saved: ${messageOf(error)}`),
      );
  }
}
