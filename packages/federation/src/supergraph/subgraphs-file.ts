import { readFile } from 'node:fs/promises';
import { parse } from 'graphql';
import { isMap } from '../execution/values.ts';

/** One entry of a subgraphs file. */
export interface SubgraphEntry {
  readonly name: string;
  readonly url: string;
  readonly sdl?: string;
}

/** The file is not there, or is not what it should be; the message is one line. */
export class SubgraphsFileError extends Error {
  override readonly name = 'SubgraphsFileError';
}

/**
 * Reads a JSON list of `{ name, url, sdl? }`.
 *
 * @throws SubgraphsFileError naming the file, the entry and what is wrong with it.
 */
export async function readSubgraphsFile(path: string): Promise<readonly SubgraphEntry[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new SubgraphsFileError(`The subgraphs file ${path} cannot be read: ${(error as Error).message}`);
  }
  return parseSubgraphs(text, `The subgraphs file ${path}`);
}

/** @param origin begins every error message. */
export function parseSubgraphs(text: string, origin: string): readonly SubgraphEntry[] {
  let entries: unknown;
  try {
    entries = JSON.parse(text);
  } catch (error) {
    throw new SubgraphsFileError(`${origin} is not JSON: ${(error as Error).message}`);
  }
  if (!Array.isArray(entries))
    throw new SubgraphsFileError(`${origin} is not a list of { "name", "url", "sdl"? }.`);
  const names = new Set<string>();
  return entries.map((entry: unknown, index) => {
    const refuse = (why: string): never => {
      const name = isMap(entry) && typeof entry.name === 'string' ? ` ("${entry.name}")` : '';
      throw new SubgraphsFileError(`${origin}, entry ${index}${name}: ${why}`);
    };
    if (!isMap(entry)) return refuse('is not an object { "name", "url", "sdl"? }.');
    const { name, url, sdl } = entry;
    if (typeof name !== 'string' || name === '') return refuse('"name" must be a string that is not empty.');
    if (names.has(name)) return refuse('the name is there twice.');
    names.add(name);
    if (typeof url !== 'string' || !isHttpUrl(url))
      return refuse('"url" must be an http:// or https:// URL.');
    if (sdl === undefined || sdl === null) return { name, url };
    if (typeof sdl !== 'string') return refuse('"sdl" must be a string.');
    try {
      parse(sdl);
    } catch (error) {
      return refuse(`"sdl" is not GraphQL: ${(error as Error).message}`);
    }
    return { name, url, sdl };
  });
}

function isHttpUrl(text: string): boolean {
  const protocol = URL.canParse(text) ? new URL(text).protocol : '';
  return protocol === 'http:' || protocol === 'https:';
}
