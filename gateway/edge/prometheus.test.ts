import { describe, expect, test } from '@jest/globals';
import { ServiceBroker } from 'moleculer';
import { createGatewayMetrics } from './metrics.ts';
import { prometheusText } from './prometheus.ts';

const SAMPLE = /^[a-zA-Z_:][a-zA-Z0-9_:]*(\{([a-zA-Z_]\w*="(\\.|[^"\\\n])*",?)*\})? (NaN|-?[\d.e+-]+)$/;

function brokerWithMetrics(): ServiceBroker {
  return new ServiceBroker({
    nodeID: 'n1',
    logger: false,
    metrics: { enabled: true },
    skipProcessEventRegistration: true,
  });
}

describe('prometheusText', () => {
  test('writes every metric of the registry in the text format', async () => {
    const broker = new ServiceBroker({
      logger: false,
      metrics: { enabled: true, collectProcessMetrics: true },
      skipProcessEventRegistration: true,
    });
    createGatewayMetrics(broker).operation('Cart', 'success', 3);
    const lines = prometheusText(broker).trimEnd().split('\n');

    expect(lines.filter((line) => !line.startsWith('# ') && !SAMPLE.test(line))).toEqual([]);
    expect(lines.filter((line) => line.startsWith('# TYPE')).length).toBeGreaterThan(20);
    expect(new Set(lines).size).toBe(lines.length);
    await broker.stop();
  });

  test('gives a histogram cumulative buckets in order, a sum and a count', () => {
    const broker = brokerWithMetrics();
    const metrics = createGatewayMetrics(broker);
    for (const ms of [0.5, 2, 2.2, 40]) metrics.operation('Cart', 'success', ms);
    const found = prometheusText(broker)
      .split('\n')
      .filter((line) => line.startsWith('gateway_operation_time_'))
      .map((line) => line.replace(/\{.*?(?:le="([^"]+)")?\}/, ' $1'));

    expect(found.slice(0, 4)).toEqual([
      'gateway_operation_time_bucket 1 1',
      'gateway_operation_time_bucket 2.5 3',
      'gateway_operation_time_bucket 5 3',
      'gateway_operation_time_bucket 10 3',
    ]);
    expect(found.slice(-3)).toEqual([
      'gateway_operation_time_bucket +Inf 4',
      'gateway_operation_time_sum  44.7',
      'gateway_operation_time_count  4',
    ]);
  });

  test('escapes what a label must not hold', () => {
    const broker = brokerWithMetrics();
    broker.metrics.register({ type: 'counter', name: 'x', labelNames: ['l'] });
    broker.metrics.increment('x', { l: 'a"b\\c\nevil 1' });

    expect(prometheusText(broker)).toContain('l="a\\"b\\\\c\\nevil 1"');
  });

  test('is empty when metrics are off', () => {
    const broker = new ServiceBroker({ logger: false, skipProcessEventRegistration: true });
    createGatewayMetrics(broker).operation('Cart', 'success', 3);

    expect(prometheusText(broker)).toBe('');
  });
});
