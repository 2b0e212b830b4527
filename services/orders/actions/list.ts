import type { Context } from 'moleculer';
import { type Connection, type PageArgs, pageParams, toConnection, toPage } from '../../common/connection.ts';
import { shopError } from '../../common/errors.ts';
import { type Meta, maySee, requireUser } from '../../common/identity.ts';
import { idParam } from '../../common/params.ts';
import type { Action } from '../../common/service.ts';
import type { Order } from '../order.ts';
import type { OrdersService } from '../orders.service.ts';

interface Params extends PageArgs {
  readonly customerId: string;
}

/** A customer's orders, newest first. */
export const list = {
  idempotent: true,
  params: { customerId: idParam, ...pageParams, $$strict: true },
  /** @throws UNAUTHENTICATED, FORBIDDEN, BAD_PAGE_SIZE, BAD_CURSOR */
  async handler(this: OrdersService, ctx: Context<Params, Meta>): Promise<Connection<Order>> {
    const { customerId } = ctx.params;
    requireUser(ctx);
    if (!maySee(ctx.meta, customerId)) throw shopError('FORBIDDEN');
    const page = toPage(ctx.params);
    const [rows, count] = await Promise.all([
      this.store.page(customerId, page),
      this.store.count(customerId),
    ]);
    return toConnection(rows, page, count);
  },
} satisfies Action<OrdersService>;
