import { expect, test } from '@jest/globals';
import { type BrokerOptions, ServiceBroker } from 'moleculer';
import { keyOf, rememberedLabelKeys } from './label-keys.ts';

/** Two brokers that count the same, one of which remembers its keys. */
function brokers(): readonly [ServiceBroker, ServiceBroker] {
  const options = {
    logger: false,
    skipProcessEventRegistration: true,
    metrics: { enabled: true, reporter: [], collectProcessMetrics: false },
  } satisfies BrokerOptions;
  return [
    new ServiceBroker(options),
    new ServiceBroker({ ...options, middlewares: [rememberedLabelKeys()] }),
  ];
}

const values = [undefined, null, '', 'a', '"a"', 'a|b', 1, '1', true, 'true', 0, Number.NaN, { a: 1 }, ['a']];

test('what is counted under which labels is the same', () => {
  const counted = brokers().map(({ metrics }) => {
    metrics.register({ type: 'counter', name: 'test.total', labelNames: ['one', 'two'] });
    metrics.register({ type: 'histogram', name: 'test.time', labelNames: ['one'], buckets: [1, 10] });
    metrics.register({ type: 'gauge', name: 'test.bare' });
    for (const one of [...values, ...values]) {
      for (const two of values) metrics.increment('test.total', { one, two, three: 3 });
      metrics.observe('test.time', 5, { one });
    }
    metrics.increment('test.bare');
    metrics.increment('test.total');
    return metrics
      .list({ includes: 'test.**' })
      .map(({ name, values }) => [
        name,
        (values as unknown as ReadonlyArray<Record<string, unknown>>).map(({ timestamp, ...value }) => value),
      ]);
  });
  expect(counted[1]).toEqual(counted[0]);
});

test('a key is written once for the values that it is of', () => {
  const written: unknown[] = [];
  const key = keyOf(['one', 'two'], (labels) => {
    written.push(labels);
    return JSON.stringify([labels?.one, labels?.two]);
  });
  const first = { one: 'a', two: 1, other: 'x' };
  expect([key(first), key({ ...first, other: 'y' }), key({ one: 'a', two: 2 }), key(first)]).toEqual([
    '["a",1]',
    '["a",1]',
    '["a",2]',
    '["a",1]',
  ]);
  expect(written).toEqual([first, { one: 'a', two: 2 }]);
});
