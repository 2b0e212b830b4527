/** What only a node of the mesh can ask: fulfilments, events that wait, dead letters. */
import { ServiceBroker } from 'moleculer';
import { readConfig } from '../../config.ts';
import type { Check } from '../load/reconcile.ts';

export interface Audit {
  readonly checks: readonly Check[];
  /** What stands behind a check that fails: sagas that are not done, dead letters. */
  readonly sagas: readonly unknown[];
  readonly deadLetters: readonly unknown[];
}

export interface Auditor extends AsyncDisposable {
  /** Asks all of them, once. */
  audit(): Promise<Audit>;
  /** The saga of one order, as it is stored. */
  saga(orderId: string): Promise<unknown>;
}

/** Joins the mesh; resolves when it has found the services it asks. */
export async function joinAsAuditor(env: NodeJS.ProcessEnv): Promise<Auditor> {
  const { brokerOptions } = await import('../../moleculer.config.ts');
  const config = readConfig({ ...env, NODE_ID: `auditor-${process.pid}`, LOG_LEVEL: 'error' });
  const broker = new ServiceBroker({
    ...brokerOptions({ ...config, events: undefined }),
    skipProcessEventRegistration: true,
  });
  await broker.start();
  await broker.waitForServices(['fulfilments', 'deadLetters', ...publishers], 60_000);
  return {
    async audit() {
      const [stuck, running, deadLetters, ...lags] = await Promise.all([
        broker.call<unknown[], object>('fulfilments.list', { status: 'stuck', limit: 1_000 }),
        broker.call<unknown[], object>('fulfilments.list', { status: 'running', limit: 1_000 }),
        broker.call<unknown[], object>('deadLetters.list', { limit: 1_000 }),
        ...publishers.map((name) => broker.call<{ readonly waiting: number }>(`${name}.outbox`)),
      ]);
      return {
        sagas: [...stuck, ...running],
        deadLetters,
        checks: [
          { what: 'fulfilments stuck', expected: 0, found: stuck.length },
          { what: 'fulfilments that are not done', expected: 0, found: running.length },
          { what: 'dead letters', expected: 0, found: deadLetters.length },
          {
            what: 'events that wait to be published',
            expected: 0,
            found: lags.reduce((sum, { waiting }) => sum + waiting, 0),
          },
        ],
      };
    },
    saga: (id) => broker.call('fulfilments.read', { saga: 'order-fulfilment', id }),
    [Symbol.asyncDispose]: () => broker.stop(),
  };
}

/** Services with an outbox. */
const publishers = ['accounts', 'orders'];
