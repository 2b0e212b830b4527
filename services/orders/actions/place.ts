import { randomUUID } from 'node:crypto';
import type { Context } from 'moleculer';
import { originOf } from 'moleculer-durable-events';
import { shopError } from '../../common/errors.ts';
import { fingerprint } from '../../common/fingerprint.ts';
import { type Meta, requireUser } from '../../common/identity.ts';
import { idParam, itemsParam } from '../../common/params.ts';
import type { Action } from '../../common/service.ts';
import { tell } from '../../common/tell.ts';
import { ORDER_PLACED, orderPlaced, orderPlacedEvent } from '../events.ts';
import { draftOrder, type Order, type OrderedItem, type PricedProduct } from '../order.ts';
import { FULFILMENT, type FulfilmentOrder } from '../order-fulfilment.saga.ts';
import type { OrdersService } from '../orders.service.ts';

interface Params {
  readonly items: readonly OrderedItem[];
  readonly idempotencyKey?: string | null;
  readonly paymentToken: string;
}

/**
 * Prices the items and keeps the order, its event and the beginning of its fulfilment, all in one transaction; answers at
 * once with the pending order.
 */
export const place = {
  params: {
    items: itemsParam,
    idempotencyKey: { ...idParam, optional: true, nullable: true },
    paymentToken: { ...idParam, default: 'tok_visa' },
    $$strict: true,
  },
  /** @throws UNAUTHENTICATED, PRODUCT_NOT_FOUND, PRODUCT_TWICE, OUT_OF_STOCK, IDEMPOTENCY_CONFLICT */
  async handler(this: OrdersService, ctx: Context<Params, Meta>): Promise<Order> {
    const user = requireUser(ctx);
    const { items, idempotencyKey: key, paymentToken } = ctx.params;
    const request = key
      ? { customerId: user.id, key, fingerprint: fingerprint([items.map(inOneOrder), paymentToken]) }
      : undefined;
    // First of all: the repetition must not be refused for what has changed since, as the stock that it took itself.
    const earlier = request && (await earlierOrder(this, request));
    if (earlier) return earlier;

    const [products, levels] = await Promise.all([pricesOf(ctx), levelsOf(ctx)]);
    const head = { id: `o${randomUUID()}`, customerId: user.id, createdAt: Date.now() };
    const draft = draftOrder(head, items, products);
    if (draft.kind === 'unknown product')
      throw shopError('PRODUCT_NOT_FOUND', `There is no product '${draft.productId}'.`);
    if (draft.kind === 'product twice')
      throw shopError(
        'PRODUCT_TWICE',
        `Product '${draft.productId}' stands on two lines; one with the sum will do.`,
      );

    const shortage = shortageOf(items, levels);
    if (shortage !== undefined) {
      // An attempt of the same client may have been taken meanwhile, or may yet be: one of the two answers stands.
      const stands = !request || (await this.store.refuse(request, shortage));
      const taken = stands ? undefined : await earlierOrder(this, request);
      if (taken) return taken;
      throw shopError('OUT_OF_STOCK', shortage);
    }
    const { order } = draft;
    const origin = originOf(ctx);
    const told = orderPlaced(order);
    const fulfilment: FulfilmentOrder = {
      ...{ orderId: order.id, customerId: user.id, items, total: order.total, paymentToken },
      stepTimeout: this.stepTimeout,
    };
    const added = await this.store.add(order, orderPlacedEvent.create(told, origin), request, (trx) =>
      this.fulfilment.start(trx, FULFILMENT, order.id, fulfilment, origin),
    );
    if (!added && request) {
      const other = await earlierOrder(this, request);
      if (other) return other;
    }
    this.wakeRelay();
    this.fulfilment.wake();
    tell(ctx, ORDER_PLACED, told);
    return order;
  },
} satisfies Action<OrdersService>;

const inOneOrder = ({ productId, quantity }: OrderedItem) => [productId, quantity];

/** @throws IDEMPOTENCY_CONFLICT, and OUT_OF_STOCK when that was the answer. */
async function earlierOrder(
  { store }: OrdersService,
  { customerId, key, fingerprint }: { customerId: string; key: string; fingerprint: string },
): Promise<Order | undefined> {
  const earlier = await store.requested(customerId, key);
  if (!earlier) return undefined;
  if (earlier.fingerprint !== fingerprint) throw shopError('IDEMPOTENCY_CONFLICT');
  if (earlier.refusal !== null) throw shopError('OUT_OF_STOCK', earlier.refusal);
  const [order] = await store.byIds([earlier.orderId]);
  return order;
}

/** Not from a cache: what the customer pays is today's price. */
function pricesOf(ctx: Context<Params, Meta>): Promise<PricedProduct[]> {
  const ids = [...new Set(ctx.params.items.map(({ productId }) => productId))];
  return ctx.call<PricedProduct[], object>('products.byIds', { ids }, { meta: { $cache: false } });
}

interface Level {
  readonly id: string;
  readonly available: number;
}

/** While nobody can tell, the order is taken. */
async function levelsOf(ctx: Context<Params, Meta>): Promise<Level[]> {
  const ids = [...new Set(ctx.params.items.map(({ productId }) => productId))];
  return ctx.call<Level[], object>('inventory.levels', { ids }, { meta: { $cache: false } }).catch(() => []);
}

/**
 * Saves the customer an order that would be cancelled at once. No promise: two may see the last piece. The reservation decides.
 *
 * @returns what there is too little of, for people; undefined when there is enough.
 */
function shortageOf(items: readonly OrderedItem[], levels: readonly Level[]): string | undefined {
  const available = new Map(levels.map((level) => [level.id, level.available]));
  for (const { productId, quantity } of items) {
    const left = available.get(productId) ?? quantity;
    if (left < quantity) return `Only ${left} of product '${productId}' are available.`;
  }
  return undefined;
}
