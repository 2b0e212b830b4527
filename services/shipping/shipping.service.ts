import type { ServiceSchema } from 'moleculer';
import { Subgraph } from 'moleculer-federation';
import { withFaults } from '../common/faults.ts';
import { defineService, type StoreService, withStore } from '../common/service.ts';
import { loadConfig, type ShopConfig } from '../config.ts';
import { byOrders } from './actions/by-orders.ts';
import { cancelShipment } from './actions/cancel-shipment.ts';
import { cartQuotes } from './actions/cart-quotes.ts';
import { createShipment } from './actions/create-shipment.ts';
import { estimates } from './actions/estimates.ts';
import { quotes } from './actions/quotes.ts';
import { openRateStore, type RateStore } from './rate-store.ts';
import { references, resolvers } from './resolvers.ts';
import { openShipmentStore, type ShipmentStore } from './shipment-store.ts';

interface ShippingStores {
  readonly rates: RateStore;
  readonly shipments: ShipmentStore;
  close(): Promise<void>;
}

export type ShippingService = StoreService<ShippingStores>;

export function shippingService(config: ShopConfig): ServiceSchema {
  return defineService<ShippingService>({
    name: 'shipping',
    mixins: [
      Subgraph({ schema: './schema.graphql', resolvers, references }),
      withStore(() => openStores(config)),
      withFaults(['createShipment', 'cancelShipment']),
    ],
    actions: { byOrders, cancelShipment, cartQuotes, createShipment, estimates, quotes },
    events: {
      // A cart's value decides whether it ships free.
      'product.priceChanged': {
        async handler(this: ShippingService) {
          await this.broker.cacher?.clean('shipping.cartQuotes:**');
        },
      },
    },
  });
}

async function openStores(config: ShopConfig): Promise<ShippingStores> {
  const rates = await openRateStore(config);
  const shipments = await openShipmentStore(config);
  return {
    rates,
    shipments,
    close: async () => void (await Promise.all([rates.close(), shipments.close()])),
  };
}

export default shippingService(loadConfig());
