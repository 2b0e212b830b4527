import { expect, test } from '@jest/globals';
import { createFakeConsul } from '../test/fake-consul.ts';
import { collectGarbage } from './garbage.ts';
import { encodeInfo } from './node-info.ts';

const info = (sender: string) =>
  encodeInfo({ ver: '5', sender, instanceID: 'i', seq: 1, services: [] }).value;

test('deletes the INFO of nodes that are not listed, but none that has been written again', async () => {
  const consul = createFakeConsul();
  for (const id of ['alive', 'dead', 'back']) await consul.putKey(`moleculer/info/${id}`, info(id));
  await consul.putKey('moleculer/info/junk', Buffer.from('junk'));
  const found = [...consul.keys.values()];
  await consul.putKey('moleculer/info/back', info('back'));
  const done = Promise.withResolvers<void>();
  let deletions = 0;
  consul.before = (request) => {
    if (request.startsWith('delete') && ++deletions === 3) setImmediate(done.resolve);
  };
  collectGarbage(
    {
      api: consul,
      infos: () => found,
      isListed: (nodeID) => nodeID === 'alive',
      signal: new AbortController().signal,
    },
    1,
  );
  await done.promise;
  expect([...consul.keys.keys()]).toEqual(['moleculer/info/alive', 'moleculer/info/back']);
});

test('a session that has ended deletes nothing', async () => {
  const consul = createFakeConsul();
  const end = new AbortController();
  end.abort();
  collectGarbage({ api: consul, infos: () => [], isListed: () => false, signal: end.signal }, 1);
  await new Promise(setImmediate);
  expect(consul.requests).toEqual([]);
});
