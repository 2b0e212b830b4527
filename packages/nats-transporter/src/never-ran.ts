/**
 * Proof, kept beside an error of this process, that the one request it failed never reached a handler.
 *
 * By identity, not by the error's type: the same type of error may bubble up out of a handler whose own nested call was
 * undelivered, and that handler *has* run.
 */
const proofs = new WeakMap<Error, string>();

/** Records that the request of this context id never ran. Returns the error. */
export function markNeverRan<E extends Error>(error: E, contextId: string): E {
  proofs.set(error, contextId);
  return error;
}

export function isMarkedNeverRan(error: Error, contextId: string): boolean {
  return proofs.get(error) === contextId;
}
