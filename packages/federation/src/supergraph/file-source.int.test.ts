import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { silentLogger } from '../logger.ts';
import { schemaHash } from '../protocol.ts';
import { FileSource } from './file-source.ts';
import { parseSubgraphs } from './subgraphs-file.ts';

async function subgraphsFile(content: unknown) {
  const folder = await mkdtemp(join(tmpdir(), 'subgraphs-'));
  const path = join(folder, 'subgraphs.json');
  await writeFile(path, JSON.stringify(content));
  return { path, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

/** Answers `_service { sdl }` with what it is told; 500 for undefined. */
async function sdlServer(sdl: () => string | undefined) {
  let requests = 0;
  const server = createServer((request, response) => {
    requests++;
    const answer = sdl();
    request.resume().on('end', () => {
      response.writeHead(answer === undefined ? 500 : 200, { 'content-type': 'application/json' });
      response.end(answer === undefined ? 'Oops' : JSON.stringify({ data: { _service: { sdl: answer } } }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    requests: () => requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function start(source: FileSource) {
  let changed = Promise.withResolvers<void>();
  await source.start(() => {
    changed.resolve();
    changed = Promise.withResolvers();
  });
  return { changed: () => changed.promise, [Symbol.asyncDispose]: () => source.stop() };
}

describe('a file of subgraphs', () => {
  test('shows the subgraphs whose SDL it holds, Federation 1 too, asking nobody', async () => {
    const sdl = 'type Query { a: A } type A @key(fields: "id") { id: ID }';
    await using file = await subgraphsFile([{ name: 'a', url: 'http://127.0.0.1:9/', sdl }]);
    const source = new FileSource(file.path);
    await using _ = await start(source);
    const [sighting] = source.sightings();
    expect(sighting).toMatchObject({
      name: 'a',
      hash: schemaHash(sdl),
      route: { kind: 'http', url: 'http://127.0.0.1:9/' },
    });
    expect(await source.readSdl(sighting!)).toBe(sdl);
  });

  test('asks a subgraph without one for its SDL, again and again; a silent one keeps its last', async () => {
    let sdl: string | undefined = 'type Query { a: Int }';
    await using server = await sdlServer(() => sdl);
    await using file = await subgraphsFile([{ name: 'a', url: server.url }]);
    const warnings: string[] = [];
    const logger = { ...silentLogger, warn: (message: string) => void warnings.push(message) };
    const source = new FileSource(file.path, { pollInterval: 10, logger });
    await using started = await start(source);
    expect(source.sightings()).toEqual([]);
    await started.changed();
    const first = source.sightings()[0]!;
    expect(first.hash).toBe(schemaHash('type Query { a: Int }'));

    sdl = undefined;
    const asked = server.requests();
    while (server.requests() < asked + 3) await new Promise((resolve) => setImmediate(resolve));
    expect(source.sightings()).toEqual([first]);
    expect(warnings).toHaveLength(1);

    sdl = 'type Query { a: Int b: Int }';
    await started.changed();
    expect(source.sightings()[0]!.hash).toBe(schemaHash(sdl));
    await expect(source.readSdl(first)).rejects.toThrow('another SDL');
  });

  test('that is not there fails the start', async () => {
    await expect(new FileSource('/no/such/file.json').start(() => {})).rejects.toThrow(
      '/no/such/file.json cannot be read',
    );
  });

  test.each([
    ['{', 'F is not JSON'],
    ['{}', 'F is not a list'],
    ['[7]', 'F, entry 0: is not an object'],
    ['[{"url":"http://a"}]', 'F, entry 0: "name"'],
    ['[{"name":"a","url":"http://a"},{"name":"b","url":"ftp://b"}]', 'F, entry 1 ("b"): "url"'],
    [
      '[{"name":"a","url":"http://a"},{"name":"a","url":"http://b"}]',
      'F, entry 1 ("a"): the name is there twice',
    ],
    ['[{"name":"a","url":"http://a","sdl":7}]', 'F, entry 0 ("a"): "sdl" must be a string'],
    ['[{"name":"a","url":"http://a","sdl":"type {"}]', 'F, entry 0 ("a"): "sdl" is not GraphQL'],
  ])('that is malformed is refused by the entry and its fault: %s', (text, message) => {
    expect(() => parseSubgraphs(text, 'F')).toThrow(message);
  });
});
