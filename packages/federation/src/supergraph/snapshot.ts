import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isMap } from '../execution/values.ts';
import type { ComposedSupergraph } from './generation.ts';

/**
 * Where the last good supergraph is kept, so that a gateway which restarts while services are away serves at once.
 *
 * Contract: `load` answers undefined when there is none, rejects when there is one that cannot be used; the manager
 * then starts without. `save` is called one at a time, latest last; its rejection is logged and changes nothing.
 */
export interface SupergraphSnapshot {
  load(): Promise<ComposedSupergraph | undefined>;
  save(supergraph: ComposedSupergraph): Promise<void>;
}

const VERSION = 1;

/** A snapshot in a file. Written beside it and renamed, so that a crash leaves the old one or the new one. */
export class FileSnapshot implements SupergraphSnapshot {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async load(): Promise<ComposedSupergraph | undefined> {
    let text: string;
    try {
      text = await readFile(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    const stored: unknown = JSON.parse(text);
    if (!isStored(stored))
      throw new Error(`${this.#path} is not a supergraph snapshot of version ${VERSION}`);
    const { supergraphSdl, apiSdl, subgraphs } = stored;
    return { supergraphSdl, apiSdl, subgraphs };
  }

  async save({ supergraphSdl, apiSdl, subgraphs }: ComposedSupergraph): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true });
    const beside = `${this.#path}.${process.pid}.tmp`;
    await writeFile(beside, JSON.stringify({ version: VERSION, supergraphSdl, apiSdl, subgraphs }));
    await rename(beside, this.#path);
  }
}

function isStored(value: unknown): value is ComposedSupergraph {
  return (
    isMap(value) &&
    value.version === VERSION &&
    typeof value.supergraphSdl === 'string' &&
    typeof value.apiSdl === 'string' &&
    Array.isArray(value.subgraphs) &&
    value.subgraphs.every(
      (subgraph) => isMap(subgraph) && typeof subgraph.name === 'string' && isMap(subgraph.route),
    )
  );
}
