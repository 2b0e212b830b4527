/** `npm run load`: shoppers at a running shop, and whether the books agree with their orders afterwards. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { runCommand, UnavailableError, UsageError } from './cli/run.ts';
import { ask, RefusedError } from './load/client.ts';
import { type Books, type PlacedOrder, reconcile } from './load/reconcile.ts';

const help = `usage: npm run load -- [--url URL] [--shoppers N] [--orders N]

Orders at a shop that runs (npm start, npm run cluster) with its demonstration data, then compares orders, stock and money.
Some payments are declined, some orders cancelled, some requests sent twice. Nobody else may order meanwhile.

  --url       of the gateway (http://127.0.0.1:4000)
  --shoppers  at the same time (10)
  --orders    in all (100)`;

const place = `mutation ($items: [OrderItemInput!]!, $key: ID!, $token: ID!) {
  placeOrder(items: $items, idempotencyKey: $key, paymentToken: $token) { id }
}`;
const read = `query ($id: ID!) { order(id: $id) {
  id status total { amount } lines { quantity } payment { status }
} }`;
const books = `{ stockTotals { available reserved sold }
  paymentTotals { captured { amount } refunded { amount } } }`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean', short: 'h' },
      url: { type: 'string', default: 'http://127.0.0.1:4000' },
      shoppers: { type: 'string', default: '10' },
      orders: { type: 'string', default: '100' },
    },
  });
  if (values.help) return void process.stdout.write(`${help}\n`);
  const { url } = values;
  const [shoppers, wanted] = [values.shoppers, values.orders].map((text) => {
    if (!/^[1-9]\d{0,5}$/.test(text)) throw new UsageError('--shoppers and --orders take 1 to 999999');
    return Number(text);
  }) as [number, number];

  const token = await login(url);
  const before = await ask<Books>(url, books, {}, token);
  const ids: string[] = [];
  const refused = new Map<string, number>();
  const began = performance.now();
  let left = wanted;
  await Promise.all(
    Array.from({ length: shoppers }, async () => {
      for (let turn = left--; turn > 0; turn = left--) {
        try {
          ids.push(await shop(url, token, turn));
        } catch (error) {
          if (!(error instanceof RefusedError)) throw error;
          refused.set(error.code, (refused.get(error.code) ?? 0) + 1);
        }
      }
    }),
  );
  const orders: PlacedOrder[] = [];
  for (const id of ids) orders.push(await settled(url, token, id));
  const seconds = (performance.now() - began) / 1_000;

  const checks = reconcile(before, await ask<Books>(url, books, {}, token), orders);
  const count = (status: string) => orders.filter((order) => order.status === status).length;
  const refusals = [...refused].map(([code, times]) => `${code} ${times}`).join(', ') || 'none';
  const lines = [
    `${orders.length} orders in ${seconds.toFixed(1)} s: ${count('CONFIRMED')} confirmed, ${count('CANCELLED')} cancelled; refused: ${refusals}`,
    ...checks.map(({ what, expected, found }) =>
      expected === found ? `  ok     ${what}: ${found}` : `  WRONG  ${what}: ${found}, not ${expected}`,
    ),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  if (checks.some(({ expected, found }) => expected !== found)) process.exitCode = 1;
}

async function login(url: string): Promise<string> {
  const text = 'mutation { login(username: "ada.horvat", password: "federation") { token } }';
  try {
    return (await ask<{ login: { token: string } }>(url, text)).login.token;
  } catch (error) {
    throw new UnavailableError(`no demonstration shop at ${url}: ${String(error)}`);
  }
}

/** One order: of ten, one is declined, one sent twice, one cancelled. */
async function shop(url: string, token: string, turn: number): Promise<string> {
  const productId = `p${1 + ((turn * 37) % 1_000)}`;
  const variables = {
    items: [{ productId, quantity: 1 + (turn % 3) }],
    key: randomUUID(),
    token: turn % 10 === 3 ? 'tok_declined' : 'tok_visa',
  };
  const send = async () =>
    (await ask<{ placeOrder: { id: string } }>(url, place, variables, token)).placeOrder.id;
  const [id = ''] = await Promise.all(turn % 10 === 5 ? [send(), send()] : [send()]);
  if (turn % 10 === 7)
    // It may be sent off by then.
    await ask(url, 'mutation ($id: ID!) { cancelOrder(id: $id) { id } }', { id }, token).catch((error) => {
      if (!(error instanceof RefusedError)) throw error;
    });
  return id;
}

/** The order when it is final, or as it is after a minute. */
async function settled(url: string, token: string, id: string): Promise<PlacedOrder> {
  for (let tries = 0; ; tries += 1) {
    const { order } = await ask<{ order: PlacedOrder }>(url, read, { id }, token);
    if (order.status !== 'PENDING' || tries === 600) return order;
    await delay(100);
  }
}

await runCommand(main);
