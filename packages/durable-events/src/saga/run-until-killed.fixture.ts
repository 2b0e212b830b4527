/** Run as a process: a saga runner on the database given, which prints the key of each call and takes its time. */
import { writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { ServiceBroker } from 'moleculer';
import { openUrl } from '../../test/databases.ts';
import { orderSaga } from './order.fixture.ts';
import { startSagaRunner } from './saga-runner.ts';
import type { SagaTables } from './saga-tables.ts';

const call = async (_action: string, _params: unknown, options: { meta: { idempotencyKey: string } }) => {
  writeSync(1, `${options.meta.idempotencyKey}\n`);
  await delay(20);
  return null;
};
startSagaRunner({
  db: openUrl<SagaTables>(process.argv[2] ?? ''),
  broker: { call: call as unknown as ServiceBroker['call'] },
  sagas: [orderSaga],
  leaseMs: 600,
});
