/** What can go wrong between the discoverer and Consul, told apart by what a caller or an operator can do about it. */

/**
 * - `unreachable`: no answer; wait and try again.
 * - `denied`: the ACL token lacks a rule; the message names it.
 * - `unknown-check`: the agent lost the node's registration; register again.
 * - `too-large`: the INFO does not fit; nothing to retry until it changes.
 * - `refused`: any other answer than success.
 */
export type ConsulFailure = 'unreachable' | 'denied' | 'unknown-check' | 'too-large' | 'refused';

export class ConsulError extends Error {
  readonly failure: ConsulFailure;

  constructor(failure: ConsulFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ConsulError';
    this.failure = failure;
  }
}

/** Whatever was thrown, as a ConsulError. Unforeseen errors count as `refused` and keep their cause. */
export function toConsulError(error: unknown): ConsulError {
  if (error instanceof ConsulError) return error;
  return new ConsulError('refused', error instanceof Error ? error.message : String(error), { cause: error });
}
