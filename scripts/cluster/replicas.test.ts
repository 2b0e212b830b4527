import { expect, test } from '@jest/globals';
import { parseReplicas, planNodes } from './replicas.ts';

const units = ['gateway', 'orders', 'products'];

test('one node of each unless told otherwise; gateways take consecutive ports', () => {
  expect(planNodes(units, parseReplicas('orders=2, gateway=2', units), 4000)).toEqual([
    { name: 'gateway-1', unit: 'gateway', port: 4000 },
    { name: 'gateway-2', unit: 'gateway', port: 4001 },
    { name: 'orders-1', unit: 'orders' },
    { name: 'orders-2', unit: 'orders' },
    { name: 'products-1', unit: 'products' },
  ]);
});

test('with port 0 every gateway takes any', () => {
  const nodes = planNodes(['gateway'], new Map([['gateway', 2]]), 0);
  expect(nodes.map(({ port }) => port)).toEqual([0, 0]);
});

test.each(['orders', 'orders=', 'orders=0', 'orders=21', 'orders=-1', 'orders=1.5', '=2'])(
  '%s is refused',
  (text) => {
    expect(() => parseReplicas(text, units)).toThrow('--replicas takes service=count');
  },
);

test('a service that is not there is refused by name', () => {
  expect(() => parseReplicas('nope=2', units)).toThrow(
    'no service nope: there are gateway, orders, products',
  );
});
