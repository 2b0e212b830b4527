/** What one attempt leads to: decided here once for all channels, so that they only have to carry it out. */
import type { Backoff, Delivery, GroupOptions, Handler } from './channel.ts';
import { PermanentError } from './errors.ts';

export interface Reason {
  readonly code: string;
  readonly message: string;
}

export type Outcome =
  | { readonly kind: 'handled' }
  | { readonly kind: 'retry'; readonly delay: number; readonly reason: Reason }
  | { readonly kind: 'dead'; readonly reason: Reason };

export type AttemptOptions = Required<Pick<GroupOptions, 'maxAttempts' | 'backoff'>>;

export function attemptOptions(options: GroupOptions = {}): AttemptOptions {
  return {
    maxAttempts: options.maxAttempts ?? 10,
    backoff: options.backoff ?? { initial: 100, max: 30_000 },
  };
}

/** Milliseconds to wait after the `attempt`-th failure. The random half keeps replicas from retrying in step. */
export function backoffDelay(backoff: Backoff, attempt: number, random = Math.random()): number {
  const full = Math.min(backoff.max, backoff.initial * 2 ** Math.min(attempt - 1, 40));
  return Math.round(full * (0.5 + random / 2));
}

/** Runs the handler. Never rejects. */
export async function runAttempt(
  handler: Handler,
  delivery: Delivery,
  options: AttemptOptions,
): Promise<Outcome> {
  if (delivery.attempt > options.maxAttempts) {
    // Only a message whose last permitted attempt reported nothing gets here: it may well be what kills the process.
    const message = `${options.maxAttempts} attempts ended without a report`;
    return { kind: 'dead', reason: { code: 'ATTEMPTS_UNREPORTED', message } };
  }
  try {
    await handler(delivery);
    return { kind: 'handled' };
  } catch (error) {
    const reason = reasonOf(error);
    if (error instanceof PermanentError || delivery.attempt >= options.maxAttempts)
      return { kind: 'dead', reason };
    return { kind: 'retry', delay: backoffDelay(options.backoff, delivery.attempt), reason };
  }
}

/** Moleculer's errors carry a number as `code` and the name of the error as `type`. */
export function reasonOf(error: unknown): Reason {
  // By shape, not by class: an error may come from another realm, or from a remote service.
  const { code, type, message } = (error ?? {}) as { code?: unknown; type?: unknown; message?: unknown };
  return {
    code: typeof code === 'string' ? code : typeof type === 'string' ? type : 'HANDLER_FAILED',
    message: typeof message === 'string' ? message : String(error),
  };
}
