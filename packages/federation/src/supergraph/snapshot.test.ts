import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { FileSnapshot } from './snapshot.ts';

async function folder() {
  const path = await mkdtemp(join(tmpdir(), 'snapshot-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

const supergraph = {
  supergraphSdl: 'type Query { a: Int }',
  apiSdl: 'type Query { a: Int }',
  subgraphs: [{ name: 'a', hash: 'h', sdl: 's', route: { kind: 'broker', service: 'a' } as const }],
};

test('a snapshot is loaded as it was saved, out of a folder that it makes itself, and leaves nothing beside it', async () => {
  await using place = await folder();
  const path = join(place.path, 'deep', 'supergraph.json');
  expect(await new FileSnapshot(path).load()).toBeUndefined();
  await new FileSnapshot(path).save(supergraph);
  expect(await new FileSnapshot(path).load()).toEqual(supergraph);
  expect(await readdir(join(place.path, 'deep'))).toEqual(['supergraph.json']);
});

test.each(['', '{', '{"version":99}', '[]'])('a file that is no snapshot is refused: %j', async (text) => {
  await using place = await folder();
  const path = join(place.path, 'supergraph.json');
  await writeFile(path, text);
  await expect(new FileSnapshot(path).load()).rejects.toThrow();
});
