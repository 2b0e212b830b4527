/** What callers see while PostgreSQL is away. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ServiceBroker } from 'moleculer';
import { safeRetry } from 'moleculer-nats-transporter';
import { type PostgresServer, startPostgres } from '../scripts/infra/postgres.ts';
import { productsService } from './products/products.service.ts';

let server: PostgresServer;
let url: string;
beforeAll(async () => {
  server = await startPostgres();
  url = await server.createDatabase('shop');
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

async function startShop(options: { readonly retries: boolean }) {
  const broker = new ServiceBroker({
    nodeID: 'shop',
    logger: false,
    skipProcessEventRegistration: true,
    middlewares: options.retries ? [safeRetry({ retries: 10_000, delay: 10, maxDelay: 100 })] : [],
  });
  broker.createService(
    productsService({
      ...{ database: { kind: 'postgres', url }, seed: false, demoPassword: 'federation' },
      ...{ token: { issuer: 'test', audience: 'test', ttlSeconds: 60 } },
      ...{ orderStepTimeout: 15_000, mailAttempts: 3 },
    }),
  );
  await broker.start();
  return { broker, [Symbol.asyncDispose]: () => broker.stop() };
}

const read = (broker: ServiceBroker) => broker.call('products.byIds', { ids: ['p1'] });

test('an action fails with a code that says to try again, and works when the server is back', async () => {
  await using shop = await startShop({ retries: false });
  await expect(read(shop.broker)).resolves.toEqual([]);
  await server.stop('SIGQUIT');
  for (let i = 0; i < 6; i++)
    await expect(read(shop.broker)).rejects.toMatchObject({
      type: 'DATABASE_UNAVAILABLE',
      code: 503,
      retryable: true,
    });
  await server.start();
  await expect(read(shop.broker)).resolves.toEqual([]);
});

test('a read waits a restart out', async () => {
  await using shop = await startShop({ retries: true });
  await server.stop('SIGQUIT');
  const answer = read(shop.broker);
  await server.start();
  await expect(answer).resolves.toEqual([]);
});
