import type { Delivery, Handler } from '../channel.ts';

/** A handler that remembers, and on which a test can wait. */
export interface Recorder {
  readonly handler: Handler;
  readonly deliveries: readonly Delivery[];
  /** Ids in the order in which their handling began, attempts included. */
  ids(): string[];
  /** Resolves when `count` deliveries have begun. */
  until(count: number): Promise<void>;
}

export function createRecorder(then: (delivery: Delivery) => void | Promise<void> = () => {}): Recorder {
  const deliveries: Delivery[] = [];
  const waiting = new Set<() => void>();
  return {
    deliveries,
    ids: () => deliveries.map(({ message }) => message.id),
    async handler(delivery) {
      deliveries.push(delivery);
      for (const check of waiting) check();
      await then(delivery);
    },
    until: (count) =>
      new Promise((resolve) => {
        const check = () => {
          if (deliveries.length < count) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
  };
}

/** A promise that the test settles, and on which handlers wait. */
export function createGate(): { readonly opened: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}
