/** One attempt at a command, and what its answer is worth. */
import type { ServiceBroker } from 'moleculer';
import { reasonOf } from '../attempt.ts';
import type { Fault, Pending, SagaRecord } from './saga.ts';

export type Answer =
  | { readonly kind: 'replied'; readonly result: unknown }
  /** The callee says that it did not, and will not. */
  | { readonly kind: 'refused'; readonly error: Fault }
  /** Nobody knows what happened: a timeout, a lost connection, a handler that broke. */
  | { readonly kind: 'unanswered'; readonly error: Fault };

/** Never rejects. @param timeout ms */
export async function attemptCommand(
  broker: Pick<ServiceBroker, 'call'>,
  { saga, id, origin }: SagaRecord,
  { name, action, params }: Pending,
  timeout: number,
): Promise<Answer> {
  const { user, traceparent, correlationId } = origin;
  const meta = {
    ...(user && { user }),
    ...(traceparent && { traceparent }),
    ...(correlationId && { correlationId }),
    idempotencyKey: `${saga}/${id}/${name}`,
  };
  try {
    const result = await broker.call<unknown, unknown>(action, params, { meta, timeout });
    return { kind: 'replied', result: result ?? null };
  } catch (error) {
    return { kind: isRefusal(error) ? 'refused' : 'unanswered', error: reasonOf(error) };
  }
}

/**
 * Only what was thrown on purpose: a client error of Moleculer's shape (status 400 to 499, a `type`, `retryable: false`). By shape,
 * since it comes from another process. A driver's error has a code too, a plain Error has nothing, and Moleculer's own
 * REQUEST_SKIPPED is not retryable either, but none of them says that nothing happened.
 */
export function isRefusal(error: unknown): boolean {
  const { code, type, retryable } = (error ?? {}) as Partial<Record<'code' | 'type' | 'retryable', unknown>>;
  const client = typeof code === 'number' && code >= 400 && code < 500;
  return client && retryable === false && typeof type === 'string' && type !== '';
}
