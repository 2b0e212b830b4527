/** `npm run load`: shoppers at a running shop, and whether everybody's books agree with their orders afterwards. */
import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { random } from '../services/common/seed/random.ts';
import { runCommand, UnavailableError, UsageError } from './cli/run.ts';
import { type AllBooks, readBooks } from './load/books.ts';
import { RefusedError } from './load/client.ts';
import { reconcileListeners } from './load/listeners.ts';
import { type Check, type PlacedOrder, reconcile } from './load/reconcile.ts';
import { holds, reportOf } from './load/report.ts';
import { Account, Shopper } from './load/shopper.ts';

const help = `usage: npm run load -- [--url URL] [--shoppers N] [--orders N] [--seed N]

Shoppers register at a shop that runs (npm start, npm run cluster) with its demonstration data, look around and order. Some
payments are declined, some orders cancelled, some requests sent twice. Then orders, stock, money, mails, points,
recommendations and analytics are compared. Nobody else may register or order meanwhile.

  --url       of the gateway (http://127.0.0.1:4000)
  --shoppers  at the same time (10)
  --orders    in all (100)
  --seed      of what the shoppers want; by default another each time`;

/** ms that listeners may take, after the last order is final, before what they say counts. */
const LISTENERS_PATIENCE = 60_000;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean', short: 'h' },
      url: { type: 'string', default: 'http://127.0.0.1:4000' },
      shoppers: { type: 'string', default: '10' },
      orders: { type: 'string', default: '100' },
      seed: { type: 'string', default: `${randomInt(1, 1_000_000)}` },
    },
  });
  if (values.help) return void process.stdout.write(`${help}\n`);
  const { url } = values;
  const [count, wanted, seed] = [values.shoppers, values.orders, values.seed].map((text) => {
    if (!/^[1-9]\d{0,5}$/.test(text))
      throw new UsageError('--shoppers, --orders and --seed take 1 to 999999');
    return Number(text);
  }) as [number, number, number];

  const admin = new Account(url, 'ada.horvat', 'federation');
  try {
    // The client asks again and again while nobody answers, which is no way to learn that nobody is there.
    await fetch(`${url}/health/live`);
    await admin.login();
  } catch (error) {
    throw new UnavailableError(`no demonstration shop at ${url}: ${String(error)}`);
  }
  const before = await admin.ask<AllBooks>(readBooks);
  const run = Date.now().toString(36);
  const shoppers = Array.from(
    { length: count },
    (_, index) => new Shopper(url, `load-${run}-${index + 1}`, random('load', seed, index)),
  );
  const refused = new Map<string, number>();
  const began = performance.now();
  let left = wanted;
  await Promise.all(
    shoppers.map(async (shopper) => {
      await shopper.register();
      while (left-- > 0)
        await shopper.visit().catch((error: unknown) => {
          if (!(error instanceof RefusedError)) throw error;
          refused.set(error.code, (refused.get(error.code) ?? 0) + 1);
        });
    }),
  );
  const ordered = await Promise.all(
    shoppers.map(async (shopper) => ({ shopper, orders: await shopper.orders() })),
  );
  const seconds = (performance.now() - began) / 1_000;

  const orders = ordered.flatMap((each) => each.orders);
  const check = async (): Promise<Check[]> => {
    const customers = await Promise.all(ordered.map(({ shopper, orders }) => shopper.customer(orders)));
    const after = await admin.ask<AllBooks>(readBooks);
    return [...reconcile(before, after, orders), ...reconcileListeners(before, after, customers)];
  };
  const checks = await untilTheyHold(check);
  process.stdout.write(`${summary(seed, seconds, orders, refused)}\n\n${reportOf(checks)}`);
  if (!checks.every(holds)) process.exitCode = 1;
}

/** Orders wait for no listener; so the checks do. */
async function untilTheyHold(check: () => Promise<Check[]>): Promise<Check[]> {
  const deadline = performance.now() + LISTENERS_PATIENCE;
  for (;;) {
    const checks = await check();
    if (checks.every(holds) || performance.now() > deadline) return checks;
    await delay(500);
  }
}

function summary(
  seed: number,
  seconds: number,
  orders: readonly PlacedOrder[],
  refused: ReadonlyMap<string, number>,
): string {
  const count = (wanted: string) => orders.filter(({ status }) => status === wanted).length;
  const refusals = [...refused].map(([code, times]) => `${code} ${times}`).join(', ') || 'none';
  return `${orders.length} orders in ${seconds.toFixed(1)} s (seed ${seed}): ${count('CONFIRMED')} confirmed, ${count('CANCELLED')} cancelled; refused: ${refusals}`;
}

await runCommand(main);
