/** Two changes to how a Moleculer broker announces itself, made on the broker and registry they are given. */
import type { Registry, ServiceBroker } from 'moleculer';

/**
 * Takes the place of Moleculer's debounce (1 s): the changes of one turn of the event loop make one announcement.
 * @returns what asks for an announcement.
 */
export function announceAtOnce(broker: ServiceBroker, announce: () => void): () => void {
  let queued = false;
  const queue = () => {
    if (queued) return;
    queued = true;
    setImmediate(() => {
      queued = false;
      announce();
    });
  };
  broker.localServiceChanged = queue;
  return queue;
}

/**
 * `broker.stop()` means to announce no services, but a change that is not yet announced would bring them back.
 * @param stopping called when the broker begins to stop.
 */
export function announceNothingWhenStopping(registry: Registry, stopping: () => void): void {
  const regenerate = registry.regenerateLocalRawInfo.bind(registry);
  // The mark that the INFO at hand is out of date; Moleculer's types leave it out.
  const cache = registry as unknown as { localNodeInfoInvalidated: boolean | string };
  let stopped = false;
  registry.regenerateLocalRawInfo = (incSeq, isStopping) => {
    stopped ||= isStopping === true;
    const info = regenerate(incSeq, stopped);
    if (isStopping) {
      cache.localNodeInfoInvalidated = false;
      stopping();
    }
    return info;
  };
}
