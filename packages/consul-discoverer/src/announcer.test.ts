import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { createFakeConsul } from '../test/fake-consul.ts';
import { Announcer } from './announcer.ts';
import type { ConsulFailure } from './errors.ts';
import { ConsulError } from './errors.ts';
import { createNames } from './names.ts';
import { decodeInfo, type NodeInfo } from './node-info.ts';

const names = createNames('');

function setup() {
  const consul = createFakeConsul();
  const outcomes: Array<'announced' | ConsulFailure> = [];
  const announcer = new Announcer(consul, { names, namespace: '', ttlMs: 15_000, address: undefined }, 'n', {
    announced: () => outcomes.push('announced'),
    failed: ({ failure }) => outcomes.push(failure),
  });
  return { consul, announcer, outcomes };
}

const info = (seq: number, ...services: string[]): NodeInfo => ({
  ver: '5',
  sender: 'n',
  instanceID: 'i',
  seq,
  services: services.map((name) => ({ name })),
});

test('the INFO is stored before the entry that names it, and services come after their node', async () => {
  const { consul, announcer } = setup();
  announcer.announce(info(1, 'orders'));
  await announcer.settled();
  expect(consul.requests).toEqual([
    'put moleculer/info/n',
    'services',
    'register moleculer:n',
    'pass service:moleculer:n',
    'register moleculer:n:orders',
  ]);
});

test('one write at a time: of the changes that come meanwhile only the latest is written', async () => {
  const { consul, announcer } = setup();
  const gate = Promise.withResolvers<void>();
  consul.before = () => gate.promise;
  announcer.announce(info(1));
  for (let seq = 2; seq <= 20; seq++) announcer.announce(info(seq));
  gate.resolve();
  await announcer.settled();
  const stored = consul.keys.get('moleculer/info/n');
  expect(stored && decodeInfo(stored.value).info.seq).toBe(20);
  expect(consul.requests.filter((request) => request.startsWith('put'))).toHaveLength(2);
  expect(consul.services.get('moleculer:n')?.meta.seq).toBe('20');
});

test('only what changed is registered, and what is gone is taken out', async () => {
  const { consul, announcer } = setup();
  announcer.announce(info(1, 'a', 'b'));
  await announcer.settled();
  consul.requests.length = 0;
  announcer.announce(info(2, 'b', 'c'));
  await announcer.settled();
  expect(consul.requests).toEqual([
    'put moleculer/info/n',
    'register moleculer:n',
    'pass service:moleculer:n',
    'register moleculer:n:c',
    'deregister moleculer:n:a',
  ]);
});

test('entries left over by a killed process of the same nodeID are taken out', async () => {
  const { consul, announcer } = setup();
  const left = { name: 'x', tags: [], meta: {}, check: {} };
  consul.services.set('moleculer:n:old', { ...left, id: 'moleculer:n:old' });
  consul.services.set('moleculer:other:old', { ...left, id: 'moleculer:other:old' });
  announcer.announce(info(1, 'new'));
  await announcer.settled();
  expect([...consul.services.keys()]).toEqual(['moleculer:other:old', 'moleculer:n', 'moleculer:n:new']);
});

test('a beat that finds its check unknown brings everything back, the INFO first', async () => {
  const { consul, announcer } = setup();
  announcer.announce(info(1, 'a'));
  await announcer.settled();
  consul.wipe();
  consul.requests.length = 0;
  await announcer.beat();
  await announcer.settled();
  expect(consul.requests.slice(0, 2)).toEqual(['pass service:moleculer:n', 'put moleculer/info/n']);
  expect([...consul.services.keys()]).toEqual(['moleculer:n', 'moleculer:n:a']);
});

test('a write that fails half way is done again from the start', async () => {
  const { consul, announcer, outcomes } = setup();
  let failures = 1;
  consul.before = (request) => {
    if (request.startsWith('register moleculer:n:') && failures-- > 0) {
      consul.wipe();
      throw new ConsulError('unreachable', 'gone');
    }
  };
  announcer.announce(info(1, 'a', 'b'));
  await announcer.settled();
  expect(outcomes).toEqual(['unreachable', 'announced']);
  expect([...consul.services.keys()]).toEqual(['moleculer:n', 'moleculer:n:a', 'moleculer:n:b']);
  expect(consul.keys.size).toBe(1);
});

test('an INFO that is too large leaves the last one that fitted, and the node keeps beating', async () => {
  const { consul, announcer, outcomes } = setup();
  announcer.announce(info(1, 'a'));
  await announcer.settled();
  announcer.announce({ ...info(2, 'a'), metadata: randomBytes(700_000).toString('base64') });
  consul.requests.length = 0;
  await announcer.beat();
  expect(outcomes).toEqual(['announced', 'too-large']);
  expect(consul.requests).toEqual(['pass service:moleculer:n']);
  expect(announcer.isCurrent).toBe(false);
  announcer.announce(info(3, 'a'));
  await announcer.settled();
  expect(consul.services.get('moleculer:n')?.meta.seq).toBe('3');
});

test('leaving takes out services, node and INFO in this order', async () => {
  const { consul, announcer } = setup();
  announcer.announce(info(1, 'a'));
  await announcer.settled();
  consul.requests.length = 0;
  await announcer.withdraw();
  expect(consul.requests).toEqual([
    'deregister moleculer:n:a',
    'deregister moleculer:n',
    'get moleculer/info/n',
    'delete moleculer/info/n',
  ]);
  announcer.announce(info(2));
  await announcer.beat();
  expect(consul.services.size).toBe(0);
});

test('leaving does not take the INFO of a successor under the same nodeID', async () => {
  const { consul, announcer } = setup();
  announcer.announce(info(1));
  await announcer.settled();
  const successor = new Announcer(consul, { names, namespace: '', ttlMs: 15_000, address: undefined }, 'n', {
    announced: () => undefined,
    failed: () => undefined,
  });
  successor.announce({ ...info(1), instanceID: 'i2' });
  await successor.settled();
  await announcer.withdraw();
  expect(consul.keys.size).toBe(1);
});
