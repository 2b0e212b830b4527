import { describe, expect, test } from '@jest/globals';
import type { ServiceBroker } from 'moleculer';
import { readinessOf } from './health.ts';
import type { SupergraphView } from './supergraph-view.ts';

class ConsulDiscoverer {
  readonly state: unknown;
  constructor(state: unknown) {
    this.state = state;
  }
  status() {
    return this.state;
  }
}

const view = (changes: Partial<SupergraphView> = {}): SupergraphView => ({
  generation: 1,
  hash: 'h',
  composedAt: undefined,
  subgraphs: [],
  refused: [],
  pending: [],
  sdl: '',
  ...changes,
});

const broker = (connected: boolean, consul: unknown) =>
  ({
    transit: { connected },
    registry: { discoverer: new ConsulDiscoverer(consul) },
  }) as unknown as ServiceBroker;

describe('readiness', () => {
  test('lists nothing when all is well', () => {
    expect(readinessOf(broker(true, { connected: true }), view(), false)).toMatchObject({
      ready: true,
      missing: [],
      transporter: 'connected',
      discoverer: { kind: 'consul', connected: true },
    });
  });

  test('serves on without NATS and Consul, and names both', () => {
    const consul = { connected: false, error: { message: 'the agent at 127.0.0.1:8500 does not answer' } };

    expect(readinessOf(broker(false, consul), view(), false)).toMatchObject({
      ready: true,
      missing: ['transporter: not connected', 'consul: the agent at 127.0.0.1:8500 does not answer'],
    });
  });

  test('is over when the instance is stopping', () => {
    expect(readinessOf(broker(true, { connected: true }), view(), true)).toMatchObject({
      ready: false,
      missing: ['this instance is stopping'],
    });
  });

  test('names schemas that were announced and cannot be read', () => {
    const pending = [{ name: 'orders', hash: 'x', reason: 'timeout' }];

    expect(readinessOf(broker(true, {}), view({ generation: 0, pending }), false).missing).toEqual([
      'supergraph: none composed yet',
      'subgraph orders: schema not read yet (timeout)',
    ]);
  });
});
