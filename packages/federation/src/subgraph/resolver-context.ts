import DataLoader from 'dataloader';
import type { Context, Service } from 'moleculer';

/** What a mesh's calls carry in `ctx.meta`; services may add to it. */
export interface SubgraphMeta {
  /** Who asks; absent means anonymous. */
  readonly user?: { readonly id: string; readonly roles: readonly string[] };
  /** W3C trace context of the client's request. */
  readonly traceparent?: string;
  readonly [key: string]: unknown;
}

/** Third argument of every resolver: one object per operation. */
export interface ResolverContext {
  /**
   * The Moleculer context of this operation: caller, request id, deadline and `meta`. Calls made with `ctx.call` are
   * its children and carry them on.
   */
  readonly ctx: Context<unknown, SubgraphMeta>;
  /** The service that serves this subgraph. */
  readonly service: Service;
  /**
   * Loads one item by key: all the keys that this operation asks of an action in one tick travel in one call.
   * `load('products.byIds', { ids: 'id' }, 'p1')` calls `products.byIds({ ids: ['p1', …] })` and answers the item whose
   * `id` is `p1`, null when there is none. Items are matched by key, so the action may leave out, repeat or reorder.
   * In a query each key is asked for once; in a mutation again in every tick, since it may have changed.
   * Rejects as the call does.
   */
  load<Item extends object>(
    action: string,
    match: BatchMatch,
    key: Key,
    params?: BatchParams,
  ): Promise<Item | null>;
}

export type Key = string | number;

/** One entry: the action's param that takes the keys, and the property of its items that holds the key. */
export type BatchMatch = Readonly<Record<string, string>>;

/** Further params of the action. Only calls with equal ones share a batch. */
export type BatchParams = Readonly<Record<string, unknown>>;

export function createResolverContext(
  ctx: Context<unknown, SubgraphMeta>,
  service: Service,
  operation: 'query' | 'mutation',
): ResolverContext {
  const loaders = new Map<string, DataLoader<Key, object | null>>();
  return {
    ctx,
    service,
    load<Item extends object>(action: string, match: BatchMatch, key: Key, params?: BatchParams) {
      const batch = JSON.stringify([action, match, params]);
      let loader = loaders.get(batch);
      if (!loader) {
        loader = new DataLoader((keys) => callBatch(ctx, action, match, keys, params), {
          cache: operation === 'query',
        });
        loaders.set(batch, loader);
      }
      return loader.load(key) as Promise<Item | null>;
    },
  };
}

/** One call for all keys; answers an item or null for each, in their order. */
export async function callBatch(
  ctx: Context<unknown, SubgraphMeta>,
  action: string,
  match: BatchMatch,
  keys: readonly unknown[],
  params?: BatchParams,
): Promise<Array<object | null>> {
  const [param, property] = batchMatch(match);
  const items: unknown = await ctx.call(action, { ...params, [param]: [...new Set(keys)] });
  if (!Array.isArray(items)) throw new TypeError(`Action '${action}' answers no list, as a batch needs it.`);
  // As text: a GraphQL ID is a string where the store may keep a number.
  const byKey = new Map(items.filter(isObject).map((item) => [String(item[property]), item]));
  return keys.map((key) => byKey.get(String(key)) ?? null);
}

/** @throws TypeError unless there is exactly one entry. */
export function batchMatch(match: BatchMatch): [param: string, property: string] {
  const [entry, ...rest] = Object.entries(match);
  if (!entry || rest.length > 0) throw new TypeError("A batch is matched by one key: { ids: 'id' }.");
  return entry;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
