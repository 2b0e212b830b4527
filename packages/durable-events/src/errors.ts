/** Every code this package puts on an error or on a dead letter, in one place. */
export const durableEventErrors = {
  CHANNEL_CLOSED: 'The channel is closing or closed; nothing was stored.',
  INVALID_MESSAGE: 'A name, id, key or header is not of the form that every channel can carry.',
  MESSAGE_TOO_LARGE: 'The message is over the size that the channel takes.',
  CHANNEL_UNAVAILABLE:
    'The channel could not confirm the message; it may or may not be stored. Publish it again with the same id.',
  CHANNEL_IN_USE: 'Another process has the file of this channel open.',
  REPLAY_NOT_SUPPORTED: 'The channel keeps no history, so that a group cannot begin at the first message.',
  DEAD_LETTER_NOT_FOUND: 'No dead letter has this id (any more).',
  MALFORMED_EVENT: 'The message is not a CloudEvent with a JSON payload.',
  UNKNOWN_EVENT_VERSION: 'The event has a version that the listener or publisher does not know.',
  INVALID_EVENT: 'The payload does not fit the schema of its version.',
  ATTEMPTS_UNREPORTED: 'All attempts ended without a report: the process died or hung in each of them.',
  HANDLER_FAILED: 'The handler failed in its last attempt; the message tells why.',
} as const;

export type DurableEventErrorCode = keyof typeof durableEventErrors;

/** A misuse of, or a refusal by, this package. */
export class DurableEventError extends Error {
  override readonly name = 'DurableEventError';
  readonly code: DurableEventErrorCode;

  constructor(code: DurableEventErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Thrown by a handler that knows that no other attempt will succeed: the message becomes a dead letter at once. */
export class PermanentError extends Error {
  override readonly name = 'PermanentError';
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
