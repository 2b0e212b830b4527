import type { Charge, ChargeState, Operation } from './charge.ts';

/**
 * The company that moves the money. What it says is true; what we note of it is a copy.
 *
 * Operations on one charge happen one after the other, whoever asks. A key stands for one request: the same key with the
 * same request gets the answer of the first time.
 */
export interface PaymentProvider {
  /**
   * @returns the charge's state after it; undefined when there is no charge.
   * @throws IDEMPOTENCY_CONFLICT when the key was used for another request. Any other error: it may have happened.
   */
  request(key: string, operation: Operation, charge: Charge): Promise<ChargeState | undefined>;
  /** What went through its hands, in minor units. */
  totals(): Promise<Totals>;
  close(): Promise<void>;
}

export interface Totals {
  readonly captured: number;
  readonly refunded: number;
}
