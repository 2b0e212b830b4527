import type { Context } from 'moleculer';
import { type Connection, type PageArgs, pageParams, toConnection, toPage } from '../../common/connection.ts';
import { textParam } from '../../common/params.ts';
import type { Action } from '../../common/service.ts';
import type { Product, ProductFilter } from '../product.ts';
import type { ProductsService } from '../products.service.ts';

interface Params extends PageArgs {
  readonly filter?: ProductFilter | null;
}

const optional = { optional: true, nullable: true } as const;
const amount = { type: 'number', integer: true, min: 0, max: 2 ** 31 - 1, ...optional } as const;

export const list = {
  idempotent: true,
  params: {
    ...pageParams,
    filter: {
      type: 'object',
      ...optional,
      strict: true,
      props: {
        search: { ...textParam(0, 100), ...optional },
        category: { ...textParam(0, 100), ...optional },
        brand: { ...textParam(0, 100), ...optional },
        minPrice: amount,
        maxPrice: amount,
      },
    },
    $$strict: true,
  },
  /** @throws BAD_PAGE_SIZE, BAD_CURSOR */
  async handler(this: ProductsService, ctx: Context<Params>): Promise<Connection<Product>> {
    const page = toPage(ctx.params);
    const filter = ctx.params.filter ?? {};
    const [rows, count] = await Promise.all([this.store.page(page, filter), this.store.count(filter)]);
    return toConnection(rows, page, count);
  },
} satisfies Action<ProductsService>;
