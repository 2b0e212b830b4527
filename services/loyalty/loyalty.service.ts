import type { ServiceSchema } from 'moleculer';
import { Subgraph } from 'moleculer-federation';
import type { EventContext } from '../common/inbox.ts';
import { defineService, type StoreService, withStore } from '../common/service.ts';
import { loadConfig, type ShopConfig } from '../config.ts';
import { byUserIds } from './actions/by-user-ids.ts';
import * as events from './events.ts';
import { pointsFor } from './loyalty.ts';
import { type LoyaltyStore, openLoyaltyStore } from './loyalty-store.ts';
import { resolvers } from './resolvers.ts';

export type LoyaltyService = StoreService<LoyaltyStore>;

export function loyaltyService(config: ShopConfig): ServiceSchema {
  return defineService<LoyaltyService>({
    name: 'loyalty',
    mixins: [Subgraph({ schema: './schema.graphql', resolvers }), withStore(() => openLoyaltyStore(config))],
    actions: { byUserIds },
    channels: {
      'user.registered': {
        versions: events.userRegistered,
        handler(this: LoyaltyService, ctx: EventContext<events.UserRegistered>) {
          return this.store.enrol(ctx.params.userId, ctx.params.registeredAt);
        },
      },
      'order.confirmed': {
        versions: events.orderConfirmed,
        handler(this: LoyaltyService, ctx: EventContext<events.OrderConfirmed>) {
          const { orderId, customerId, total, confirmedAt } = ctx.params;
          const points = pointsFor(total);
          return this.store.credit({ orderId, userId: customerId, points, at: confirmedAt });
        },
      },
      'order.cancelled': {
        versions: events.orderCancelled,
        handler(this: LoyaltyService, ctx: EventContext<events.OrderCancelled>) {
          return this.store.revoke(ctx.params.orderId);
        },
      },
    },
  });
}

export default loyaltyService(loadConfig());
