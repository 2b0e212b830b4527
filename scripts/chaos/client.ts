/** A client that asks until it has an answer, at one gateway after the other, and notes what it saw. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Errand } from './errand.ts';
import type { Answer, Operation } from './history.ts';
import { type NoAnswerError, post } from './post.ts';

export interface Customer {
  /** User id. */
  readonly id: string;
  readonly token: string;
}

export interface Shop {
  /** Base URLs of the gateways. */
  readonly gateways: readonly string[];
  /** Epoch ms of the run's start: times of the history are relative to it. */
  readonly since: number;
  readonly customers: readonly Customer[];
  /** Clients give up when it is aborted. */
  readonly signal: AbortSignal;
}

/** Shorter than the gateway's own limit: what a client gave up may still be on its way when it asks again. */
const PATIENCE_MS = 5_000;
const PAUSE_MS = 200;

/** Definite: the request was understood, and the answer is no. After anything else it may have happened. */
const refusals: ReadonlySet<string> = new Set([
  ...['OUT_OF_STOCK', 'IDEMPOTENCY_CONFLICT', 'PRODUCT_NOT_FOUND', 'PRODUCT_TWICE'],
  ...['ORDER_SHIPPED', 'ORDER_NOT_FOUND', 'FORBIDDEN', 'BAD_USER_INPUT'],
]);

const placeOrder = `mutation ($items: [OrderItemInput!]!, $key: ID!, $token: ID!) {
  answer: placeOrder(items: $items, idempotencyKey: $key, paymentToken: $token) { id }
}`;
const cancelOrder = 'mutation ($id: ID!) { answer: cancelOrder(id: $id) { id } }';

/** Places the errand's order and does what it wants then; `record` gets each operation when it is over. */
export async function runErrand(
  shop: Shop,
  errand: Errand,
  record: (operation: Operation) => void,
): Promise<void> {
  const { order, key, items, paymentToken, afterwards } = errand;
  const customer = shop.customers[errand.customer];
  if (!customer) throw new Error(`no customer ${errand.customer}`);
  // Each order at a gateway of its own choice, so that the death of one is seen by some clients and not by all.
  let gateway = order;

  const perform = async (kind: Operation['kind'], query: string, variables: object): Promise<Answer> => {
    const startedAt = Date.now() - shop.since;
    const failures: string[] = [];
    let answer: Answer | undefined;
    while (!answer && !shop.signal.aborted) {
      const url = shop.gateways[gateway % shop.gateways.length] ?? '';
      const got = await attempt(url, customer.token, query, variables);
      if (got.kind === 'order' || refusals.has(got.code)) answer = got;
      else {
        failures.push(got.code);
        gateway += 1;
        await delay(PAUSE_MS);
      }
    }
    answer ??= { kind: 'none' };
    const body = { items: kind === 'conflict' ? another(items) : items, paymentToken };
    record({
      ...{ order, kind, customer: customer.id, key, ...body },
      ...{ startedAt, endedAt: Date.now() - shop.since, failures, answer },
    });
    return answer;
  };

  const body = { items, key, token: paymentToken };
  const placed = await perform('place', placeOrder, body);
  if (placed.kind !== 'order') return;
  if (afterwards === 'repeat') await perform('repeat', placeOrder, body);
  if (afterwards === 'conflict') await perform('conflict', placeOrder, { ...body, items: another(items) });
  if (afterwards === 'cancel') await perform('cancel', cancelOrder, { id: placed.id });
}

const another = (items: Errand['items']) =>
  items.map((item, index) => (index === 0 ? { ...item, quantity: item.quantity + 1 } : item));

async function attempt(
  url: string,
  token: string,
  query: string,
  variables: object,
): Promise<Exclude<Answer, { kind: 'none' }>> {
  try {
    type Answered = { readonly answer: { readonly id: string } };
    const { answer } = await post<Answered>(url, token, { query, variables }, PATIENCE_MS);
    return { kind: 'order', id: answer.id };
  } catch (error) {
    return { kind: 'refused', code: (error as NoAnswerError).code };
  }
}
