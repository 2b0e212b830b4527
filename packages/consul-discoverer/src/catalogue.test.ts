import { expect, test } from '@jest/globals';
import { nodeRegistration, type Place, readCatalogue, serviceRegistrations } from './catalogue.ts';
import { createNames } from './names.ts';
import type { NodeInfo, ServiceInfo } from './node-info.ts';

const place: Place = { names: createNames('dev'), namespace: 'dev', ttlMs: 15_000, address: '10.0.0.7' };
const info = (...services: ServiceInfo[]): NodeInfo => ({
  ver: '5',
  sender: 'node-1',
  instanceID: 'i-1',
  seq: 3,
  services,
});

test("a node's entry names the INFO that is already stored, and starts out passing", () => {
  const entry = nodeRegistration(info(), 'abc', place);
  expect(entry).toMatchObject({
    id: 'moleculer-dev:node-1',
    name: 'moleculer-dev',
    address: '10.0.0.7',
    meta: { namespace: 'dev', nodeID: 'node-1', instanceID: 'i-1', seq: '3', infoHash: 'abc' },
    check: { ttl: '15000ms', status: 'passing', deregistercriticalserviceafter: '1m' },
  });
});

test('each Moleculer service is an entry as healthy as its node; internal ones are not shown', () => {
  const entries = serviceRegistrations(
    info({ name: '$node' }, { name: 'orders', fullName: 'v2.orders' }),
    place,
  );
  expect(entries).toHaveLength(1);
  expect(entries[0]).toMatchObject({
    id: 'moleculer-dev:node-1:v2.orders',
    name: 'moleculer-dev--v2-orders',
    tags: ['moleculer'],
    meta: { nodeID: 'node-1', service: 'v2.orders' },
    check: { aliasservice: 'moleculer-dev:node-1' },
  });
  expect(entries[0]).not.toHaveProperty('port');
});

test('a subgraph with an HTTP endpoint carries its port, path and schema hash', () => {
  const metadata = {
    subgraph: { protocol: 1, name: 'orders', hash: 'h1', http: { port: 4001, path: '/graphql' } },
  };
  expect(serviceRegistrations(info({ name: 'orders', metadata }), place)[0]).toMatchObject({
    port: 4001,
    tags: ['moleculer', 'subgraph'],
    meta: { path: '/graphql', hash: 'h1' },
  });
});

test.each([
  null,
  {},
  { subgraph: { hash: 'h' } },
  { subgraph: { hash: 'h', http: { port: '1', path: '/' } } },
])('metadata %j make an ordinary service', (metadata) => {
  expect(serviceRegistrations(info({ name: 'orders', metadata }), place)[0]?.tags).toEqual(['moleculer']);
});

test('a health answer is read back; entries of others and of a namespace that only ignores case are left out', () => {
  const { meta } = nodeRegistration(info(), 'abc', place);
  const entry = (Meta: object | null, Status = 'passing') => ({
    Service: { Meta, ModifyIndex: 12 },
    Checks: [{ Status: 'passing' }, { Status }],
  });
  const own = { nodeID: 'node-1', instanceID: 'i-1', seq: 3, infoHash: 'abc', modifyIndex: 12 };
  expect(
    readCatalogue(
      [entry(meta), entry(meta, 'critical'), entry(null), entry({ ...meta, namespace: 'DEV' })],
      'dev',
    ),
  ).toEqual([
    { ...own, healthy: true },
    { ...own, healthy: false },
  ]);
  expect(readCatalogue(undefined, 'dev')).toEqual([]);
});
