/** Validation rules (fastest-validator) that several services' actions share. */
import type { Context } from 'moleculer';

/** PostgreSQL takes no NUL in text; a store must never be asked. */
const WITHOUT_NUL = /^[^\0]*$/;

export const idParam = { type: 'string', min: 1, max: 64, pattern: WITHOUT_NUL } as const;

/** The ids of one batch: an entity fetch may carry every product of a page of orders. */
export const idsParam = { type: 'array', items: idParam, max: 10_000 } as const;

export const textParam = (min: number, max: number) =>
  ({ type: 'string', trim: true, min, max, pattern: WITHOUT_NUL }) as const;

/** What a cart or an order holds. 20 lines of 99 pieces bound its total (see money.ts). */
export const itemsParam = {
  type: 'array',
  min: 1,
  max: 20,
  items: {
    type: 'object',
    strict: true,
    props: { productId: idParam, quantity: { type: 'number', integer: true, min: 1, max: 99 } },
  },
} as const;

/**
 * Caches batches of one, the page of a product that everybody looks at, and no larger ones: a client chooses what is in
 * those, and could fill the memory with batches that nobody asks for twice.
 */
export const isSingle = ({ params }: Context<{ readonly ids: readonly string[] }>): boolean =>
  params.ids.length === 1;

/** The cacher's own keys join strings without escaping, so that different params can meet in one key. */
export const exactKey = (
  action: { readonly name?: string } | null | undefined,
  _options: unknown,
  context: { readonly params?: unknown } | null | undefined,
): string => `${action?.name}:${JSON.stringify(context?.params)}`;
