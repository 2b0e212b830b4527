import type { Context } from 'moleculer';
import { MAX_PAGE } from '../../common/connection.ts';
import { exactKey } from '../../common/params.ts';
import type { Action } from '../../common/service.ts';
import type { Product } from '../product.ts';
import type { ProductsService } from '../products.service.ts';

/** Best-selling first. */
export const top = {
  idempotent: true,
  params: { first: { type: 'number', integer: true, min: 0, max: MAX_PAGE }, $$strict: true },
  cache: { keygen: exactKey, ttl: 30 },
  handler(this: ProductsService, ctx: Context<{ readonly first: number }>): Promise<Product[]> {
    return this.store.top(ctx.params.first);
  },
} satisfies Action<ProductsService>;
