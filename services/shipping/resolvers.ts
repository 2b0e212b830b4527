import { type BatchReferenceResolver, fromAction, type ResolverContext } from 'moleculer-federation';
import type { Money } from '../common/money.ts';
import type { Estimate } from './actions/estimates.ts';
import type { Shipment } from './shipment.ts';

/** A Product as the gateway hands it over: price and weight only where the estimate was asked for (`@requires`). */
interface ProductReference {
  readonly id: string;
  readonly price?: Money;
  readonly weight?: number;
}

/** All parcels of a fetch in one call. */
const Product: BatchReferenceResolver = async (references, { ctx }) => {
  const products = references as unknown as readonly ProductReference[];
  const parcels = products.flatMap(({ id, price, weight }) =>
    price && weight !== undefined ? [{ id, weight, value: price.amount }] : [],
  );
  if (parcels.length === 0) return products;
  const estimates = await ctx.call<Estimate[], object>('shipping.estimates', { parcels });
  const byId = new Map(estimates.map((estimate) => [estimate.id, estimate]));
  return products.map((product) => ({ ...product, ...byId.get(product.id) }));
};

export const references = { Order: fromAction('shipping.byOrders', { orderIds: 'id' }), Product };

export const resolvers = {
  Query: {
    shippingQuotes: (_: unknown, args: object, { ctx }: ResolverContext) => ctx.call('shipping.quotes', args),
    cartQuotes: (_: unknown, args: object, { ctx }: ResolverContext) => ctx.call('shipping.cartQuotes', args),
  },
  Shipment: {
    status: ({ status }: Shipment) => status.toUpperCase(),
  },
};
