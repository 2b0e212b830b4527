import { LRUCache } from 'lru-cache';
import type { Logger } from '../logger.ts';
import type { SubgraphSighting, SubgraphSource } from './subgraph.ts';

const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 5_000;
const MAX_SDLS = 500;

interface Reading {
  failures: number;
  error?: string;
  timer?: NodeJS.Timeout;
}

/**
 * Reads each SDL once, by (name, hash). `get` answers at once with what is there and starts reading what is not;
 * `onRead` fires for each SDL that arrives. A read that fails is tried again, with growing pauses, as long as `get`
 * goes on asking for it.
 */
export class SdlReader {
  readonly #sdls = new LRUCache<string, string>({ max: MAX_SDLS });
  readonly #readings = new Map<string, Reading>();
  readonly #onRead: () => void;
  readonly #logger: Logger;
  #closed = false;

  constructor(onRead: () => void, logger: Logger) {
    this.#onRead = onRead;
    this.#logger = logger;
  }

  get(source: SubgraphSource, sighting: SubgraphSighting): string | undefined {
    const key = keyOf(sighting);
    const known = this.#sdls.get(key);
    if (known === undefined && !this.#readings.has(key) && !this.#closed) {
      const reading: Reading = { failures: 0 };
      this.#readings.set(key, reading);
      void this.#read(source, sighting, reading);
    }
    return known;
  }

  has(sighting: Pick<SubgraphSighting, 'name' | 'hash'>): boolean {
    return this.#sdls.has(keyOf(sighting));
  }

  /** Why the SDL is not there yet; undefined while the first attempt runs. */
  failure(sighting: Pick<SubgraphSighting, 'name' | 'hash'>): string | undefined {
    return this.#readings.get(keyOf(sighting))?.error;
  }

  /** Gives up reading what nobody serves any more. */
  keepOnly(sightings: readonly SubgraphSighting[]): void {
    const wanted = new Set(sightings.map(keyOf));
    for (const [key, reading] of this.#readings) {
      if (wanted.has(key)) continue;
      clearTimeout(reading.timer);
      this.#readings.delete(key);
    }
  }

  close(): void {
    this.#closed = true;
    this.keepOnly([]);
  }

  async #read(source: SubgraphSource, sighting: SubgraphSighting, reading: Reading): Promise<void> {
    const key = keyOf(sighting);
    try {
      const sdl = await source.readSdl(sighting);
      if (this.#readings.get(key) === reading) this.#readings.delete(key);
      this.#sdls.set(key, sdl);
      if (!this.#closed) this.#onRead();
    } catch (error) {
      if (this.#readings.get(key) !== reading) return;
      reading.error = error instanceof Error ? error.message : String(error);
      const pause = Math.min(FIRST_RETRY_MS * 2 ** reading.failures++, LAST_RETRY_MS);
      this.#logger.warn(
        `The SDL of subgraph "${sighting.name}" (${sighting.hash}) could not be read, next try in ${pause} ms: ${reading.error}`,
      );
      reading.timer = setTimeout(() => void this.#read(source, sighting, reading), pause);
      reading.timer.unref();
    }
  }
}

const keyOf = ({ name, hash }: Pick<SubgraphSighting, 'name' | 'hash'>): string => `${name}\n${hash}`;
