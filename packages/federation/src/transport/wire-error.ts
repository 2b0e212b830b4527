/**
 * What went wrong between two ends of a connection.
 *
 * `UNREADABLE`: the answer is not HTTP/1.1. `TOO_LARGE`: its body is longer than was allowed. `UNSENDABLE`: the request
 * cannot be written without changing its meaning; nothing was sent. `UNCONNECTED`: there was no connection in time.
 * `CLOSED`: it was closed before the answer was whole.
 */
export type WireErrorCode = 'UNREADABLE' | 'TOO_LARGE' | 'UNSENDABLE' | 'UNCONNECTED' | 'CLOSED';

export class WireError extends Error {
  override readonly name = 'WireError';
  readonly code: WireErrorCode;

  constructor(code: WireErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** @throws WireError UNREADABLE */
export function unreadable(why: string): never {
  throw new WireError('UNREADABLE', `not an HTTP/1.1 answer: ${why}`);
}
