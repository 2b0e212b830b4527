import type { ActionSchema, Service, ServiceSchema, ServiceSettingSchema } from 'moleculer';
import type { Channels } from 'moleculer-durable-events';
import { storeErrors } from './database/away.ts';

/** What the handlers of a service with a store see as `this`. */
export type StoreService<Store> = Service & { store: Store };

/**
 * An action of a service; `idempotent` lets a retry middleware send a call again even if it may have run. `timeout` (ms)
 * takes the place of the broker's.
 */
export type Action<This> = ActionSchema<This> & { readonly idempotent?: true; readonly timeout?: number };

/** A schema whose handlers have a `this` of their own, as brokers take it: their type knows one `this` for all. */
export function defineService<This extends Service>(
  schema: ServiceSchema<ServiceSettingSchema, object, object, This> & { readonly channels?: Channels },
): ServiceSchema {
  return schema as unknown as ServiceSchema;
}

/**
 * Opens the service's store before the service is announced and closes it after it has left, so that `this.store`
 * is there whenever a handler runs. A store that does not open fails the service's start.
 */
export function withStore<Store extends { close(): Promise<void> }>(
  open: () => Promise<Store>,
): Partial<ServiceSchema> {
  return {
    ...storeErrors,
    async started(this: Service & { store?: Store }) {
      this.store = await open();
    },
    async stopped(this: Service & { store?: Store }) {
      await this.store?.close();
    },
  };
}
