import { type Logger, silentLogger } from '../logger.ts';
import { schemaHash } from '../protocol.ts';
import { HttpTransport } from '../transport/http-transport.ts';
import type { SubgraphSighting, SubgraphSource } from './subgraph.ts';
import { readSubgraphsFile, type SubgraphEntry } from './subgraphs-file.ts';

export interface FileSourceOptions {
  /** ms between two introspections of the subgraphs whose SDL is not in the file; 5,000 by default. */
  readonly pollInterval?: number;
  readonly logger?: Logger;
}

interface Known {
  readonly sdl: string;
  readonly hash: string;
  readonly since: number;
}

const POLL_INTERVAL_MS = 5_000;
const INTROSPECTION_TIMEOUT_MS = 5_000;

/**
 * HTTP subgraphs listed in a file (`readSubgraphsFile`). The file is read once, at start, which rejects when it is
 * malformed. An SDL that is not in it is asked for, `{ _service { sdl } }`, at start and at every interval; a subgraph
 * that does not answer keeps the SDL it gave last.
 */
export class FileSource implements SubgraphSource {
  readonly #path: string;
  readonly #pollInterval: number;
  readonly #logger: Logger;
  readonly #transport = new HttpTransport({ timeout: INTROSPECTION_TIMEOUT_MS, connections: 1 });
  readonly #known = new Map<string, Known>();
  #entries: readonly SubgraphEntry[] = [];
  readonly #silent = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(path: string, options: FileSourceOptions = {}) {
    this.#path = path;
    this.#pollInterval = options.pollInterval ?? POLL_INTERVAL_MS;
    this.#logger = options.logger ?? silentLogger;
  }

  async start(onChange: () => void): Promise<void> {
    this.#entries = await readSubgraphsFile(this.#path);
    for (const { name, sdl } of this.#entries) if (sdl !== undefined) this.#learn(name, sdl);
    void this.#poll(onChange);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#transport.close();
  }

  sightings(): readonly SubgraphSighting[] {
    return this.#entries.flatMap(({ name, url }) => {
      const known = this.#known.get(name);
      if (!known) return [];
      return [{ name, hash: known.hash, since: known.since, route: { kind: 'http', url }, instances: [url] }];
    });
  }

  async readSdl({ name, hash }: SubgraphSighting): Promise<string> {
    const known = this.#known.get(name);
    if (known?.hash !== hash) throw new Error(`The subgraph "${name}" has another SDL by now.`);
    return known.sdl;
  }

  async #poll(onChange: () => void): Promise<void> {
    const asked = this.#entries.filter((entry) => entry.sdl === undefined);
    if (asked.length === 0) return;
    await Promise.all(
      asked.map(async (entry) => {
        const sdl = await this.#introspect(entry);
        if (sdl !== undefined && this.#learn(entry.name, sdl) && !this.#stopped) onChange();
      }),
    );
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.#poll(onChange), this.#pollInterval);
    this.#timer.unref();
  }

  async #introspect({ name, url }: SubgraphEntry): Promise<string | undefined> {
    try {
      const subgraph = { name, hash: '', sdl: '', route: { kind: 'http', url } } as const;
      const { data, errors } = await this.#transport.fetch(
        subgraph,
        { query: '{ _service { sdl } }' },
        'query',
        {},
      );
      const sdl = (data?._service as { sdl?: unknown } | null | undefined)?.sdl;
      if (typeof sdl !== 'string')
        throw new Error(errors?.[0]?.message ?? 'no _service { sdl } in the answer');
      this.#silent.delete(name);
      return sdl;
    } catch (error) {
      // Said once, not at every interval.
      if (!this.#silent.has(name) && !this.#stopped) {
        this.#logger.warn(
          `The SDL of the subgraph "${name}" could not be read from ${url}: ${(error as Error).message}`,
        );
      }
      this.#silent.add(name);
      return undefined;
    }
  }

  /** @returns whether it is news. */
  #learn(name: string, sdl: string): boolean {
    const hash = schemaHash(sdl);
    if (this.#known.get(name)?.hash === hash) return false;
    this.#known.set(name, { sdl, hash, since: Date.now() });
    return true;
  }
}
