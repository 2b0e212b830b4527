import type { ServiceSchema } from 'moleculer';
import { Subgraph } from 'moleculer-federation';
import { withFaults } from '../common/faults.ts';
import { defineService, type StoreService, withStore } from '../common/service.ts';
import { loadConfig, type ShopConfig } from '../config.ts';
import { authorize } from './actions/authorize.ts';
import { byOrders } from './actions/by-orders.ts';
import { capture } from './actions/capture.ts';
import { refund } from './actions/refund.ts';
import { totals } from './actions/totals.ts';
import { voidPayment } from './actions/void.ts';
import { openFakeProvider } from './fake-provider.ts';
import { openPaymentStore, type PaymentStore } from './payment-store.ts';
import type { PaymentProvider } from './provider.ts';
import { references, resolvers } from './resolvers.ts';

export type PaymentsService = StoreService<PaymentStore> & { provider: PaymentProvider };

export function paymentsService(config: ShopConfig): ServiceSchema {
  return defineService<PaymentsService>({
    name: 'payments',
    mixins: [
      Subgraph({ schema: './schema.graphql', resolvers, references }),
      withStore(() => openPaymentStore(config)),
      withFaults(['authorize', 'capture', 'void', 'refund']),
    ],
    actions: { authorize, byOrders, capture, refund, totals, void: voidPayment },
    async started() {
      this.provider = await openFakeProvider(config);
    },
    async stopped() {
      await this.provider?.close();
    },
  });
}

export default paymentsService(loadConfig());
