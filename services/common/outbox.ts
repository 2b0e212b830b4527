/** Events that a service publishes for certain: written beside its data, carried to the channel by a relay. */
import type { Kysely } from 'kysely';
import type { Service, ServiceSchema } from 'moleculer';
import { channelOf, type Lag, type Relay, startRelay } from 'moleculer-durable-events';
import { storeErrors } from './database/away.ts';
import type { Action } from './service.ts';

/** A store whose database has the tables of `outboxMigration`. */
export interface StoreWithOutbox {
  /** For the relay alone: everybody else asks the store. */
  readonly outbox: Kysely<unknown>;
  close(): Promise<void>;
}

/** What the handlers of a service with a store and an outbox see as `this`. */
export type OutboxService<Store> = Service & {
  store: Store;
  /** Call it after a commit that wrote an event: the relay looks at once, not 50 ms later. */
  wakeRelay(): void;
};

type Self = Service & { store?: StoreWithOutbox; relay?: Relay };

/**
 * `withStore`, and the relay of the store's outbox from the service's start to its end. Each replica runs a relay, and
 * they share the work.
 *
 * How far it lags behind: `call orders.outbox`, and the gauges `shop.outbox.waiting` and `shop.outbox.oldest`.
 */
export function withOutboxStore(open: () => Promise<StoreWithOutbox>): Partial<ServiceSchema> {
  const outbox: Action<Self> = {
    idempotent: true,
    params: { $$strict: true },
    /** How many events wait to be published, and the age of the oldest in ms. */
    handler(): Promise<Lag> {
      if (!this.relay) throw new Error('the relay runs from the start of the service to its end');
      return this.relay.lag();
    },
  };
  const schema = {
    ...storeErrors,
    actions: { outbox },
    methods: {
      wakeRelay(this: Self) {
        this.relay?.wake();
      },
    },
    async started(this: Self) {
      this.store = await open();
      this.relay = startRelay({
        db: this.store.outbox,
        channel: channelOf(this.broker),
        logger: this.logger,
        onLag: lagGauges(this),
      });
    },
    async stopped(this: Self) {
      // It works on the store, hence in this order.
      await this.relay?.stop();
      await this.store?.close();
    },
  };
  return schema as unknown as Partial<ServiceSchema>;
}

function lagGauges({ broker: { metrics }, fullName: service }: Service): (lag: Lag) => void {
  const gauge = (name: string, description: string) => {
    // Registering again would forget what another service of this broker has reported.
    if (!metrics.getMetric(name))
      metrics.register({ type: 'gauge', name, description, labelNames: ['service'] });
    return (value: number) => metrics.set(name, value, { service });
  };
  const setWaiting = gauge('shop.outbox.waiting', 'Events that wait to be published');
  const setOldest = gauge('shop.outbox.oldest', 'Age in ms of the oldest event that waits to be published');
  return ({ waiting, oldest }) => {
    setWaiting(waiting);
    setOldest(oldest);
  };
}
