export interface Abandonable {
  /** Called once, when nobody waits any more. Must not throw. */
  abandon(): void;
}

const bySignal = new WeakMap<AbortSignal, Set<Abandonable>>();

/** Those who end with a signal that has not been aborted. One listener for all: the fetches of an operation have one signal. */
export function abandonment(signal: AbortSignal): Set<Abandonable> {
  const known = bySignal.get(signal);
  if (known) return known;
  const waiting = new Set<Abandonable>();
  bySignal.set(signal, waiting);
  const abandonAll = (): void => {
    for (const one of waiting) one.abandon();
  };
  signal.addEventListener('abort', abandonAll, { once: true });
  return waiting;
}
