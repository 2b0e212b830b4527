import { setTimeout as delay } from 'node:timers/promises';

const FIRST = 100;
const LIMIT = 5_000;

/**
 * Milliseconds to wait after so many failures in a row: doubling from 0.1 s to 5 s, half of it random, so that a
 * restarted agent does not meet all its nodes in the same instant.
 */
export function backoff(failures: number, random: () => number = Math.random): number {
  const full = Math.min(LIMIT, FIRST * 2 ** Math.min(failures - 1, 16));
  return Math.round(full / 2 + random() * (full / 2));
}

/** Resolves after the time or at the abort, whichever comes first; never rejects. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, { signal }).catch(() => undefined);
}

/** Resolves when the promise settles or the time is over; never rejects. For courtesies that must not hang a stop. */
export async function atMost(milliseconds: number, promise: Promise<unknown>): Promise<void> {
  const stop = new AbortController();
  await Promise.race([promise.catch(() => undefined), pause(milliseconds, stop.signal)]);
  stop.abort();
}
