import type { Context } from 'moleculer';
import { exactKey, idsParam, isSingle } from '../../common/params.ts';
import type { Action } from '../../common/service.ts';
import type { Product } from '../product.ts';
import type { ProductsService } from '../products.service.ts';

/** Long enough to take the load off, short enough to forgive a lost event. */
const SECONDS = 30;

/** The products that exist, in no order. */
export const byIds = {
  idempotent: true,
  params: { ids: idsParam, $$strict: true },
  cache: {
    enabled: isSingle,
    keygen: exactKey,
    ttl: SECONDS,
  },
  handler(this: ProductsService, ctx: Context<{ readonly ids: readonly string[] }>): Promise<Product[]> {
    return this.store.byIds(ctx.params.ids);
  },
} satisfies Action<ProductsService>;
