import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createNames } from './names.ts';

const LABEL = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/i;

test('the namespace is part of every name, and without one there is no hyphen to confuse it with', () => {
  const [none, dev] = [createNames(''), createNames('dev')];
  expect([none.nodes, none.service('products'), none.infoKey('n1')]).toEqual([
    'moleculer',
    'moleculer--products',
    'moleculer/info/n1',
  ]);
  expect([dev.nodes, dev.service('products'), dev.infoKey('n1')]).toEqual([
    'moleculer-dev',
    'moleculer-dev--products',
    'moleculer-dev/info/n1',
  ]);
});

test('a versioned service keeps a readable name', () => {
  expect(createNames('').service('v2.orders')).toBe('moleculer--v2-orders');
});

test('the check of a node is the one that Consul derives from its entry', () => {
  const names = createNames('dev');
  expect(names.nodeCheck('host-1')).toBe(`service:${names.nodeEntry('host-1')}`);
});

test('any namespace and service make one DNS label', () => {
  fc.assert(
    fc.property(fc.string(), fc.string({ minLength: 1 }), (namespace, service) => {
      const name = createNames(namespace).service(service);
      return LABEL.test(name) && name.length <= 63;
    }),
  );
});

test('two services that differ by more than dots for hyphens never share a name, in any two namespaces', () => {
  const word = fc.stringMatching(/^[a-z_$ -]{1,12}$/);
  fc.assert(
    fc.property(word, word, word, word, (namespaceA, serviceA, namespaceB, serviceB) => {
      fc.pre(namespaceA !== namespaceB || serviceA !== serviceB);
      return createNames(namespaceA).service(serviceA) !== createNames(namespaceB).service(serviceB);
    }),
  );
});

test('no node owns the entries of a node whose id continues its own', () => {
  const names = createNames('');
  expect(names.serviceEntry('a:b', 'orders').startsWith(names.serviceEntryPrefix('a'))).toBe(false);
});
