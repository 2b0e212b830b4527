/** What every channel refuses alike, so that a message which one carries is carried by all. */
import type { Message } from './channel.ts';
import { DurableEventError } from './errors.ts';

// No underscore: channels that cannot have dots in a name put one there, and two events must not meet.
const EVENT = /^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$/;
const GROUP = /^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$/;
const HEADER_NAME = /^[a-z0-9-]+$/;
// NATS trims values: a space at either end would not survive.
const HEADER_VALUE = /^([\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?)?$/;

/** Names a channel keeps for itself. */
const RESERVED = /^(nats-|dead-letter-|message-id$|message-key$)/;

/** The largest message, headers and key included: NATS's default, so that embedded and cluster refuse the same. */
export const MAX_MESSAGE_BYTES = 1_048_576;

export function checkEventName(event: string): void {
  if (!EVENT.test(event) || event.length > 128)
    throw invalid(`event name ${JSON.stringify(event)}: letters, digits and "-", in parts joined by "."`);
}

export function checkGroupName(group: string): void {
  if (!GROUP.test(group) || group.length > 128)
    throw invalid(`group name ${JSON.stringify(group)}: letters, digits and "-", in parts joined by "."`);
}

/** @throws DurableEventError INVALID_MESSAGE or MESSAGE_TOO_LARGE, the latter naming size and limit. */
export function checkMessage(event: string, message: Message, limit = MAX_MESSAGE_BYTES): void {
  checkEventName(event);
  if (message.id === '' || message.id.length > 256) throw invalid('message id: 1 to 256 characters');
  if (message.key.length > 256) throw invalid('message key: at most 256 characters');
  for (const [name, value] of Object.entries(message.headers)) {
    if (!goodNames.has(name)) checkHeaderName(name);
    if (!HEADER_VALUE.test(value))
      throw invalid(`header ${name}: only printable ASCII, no space at the ends`);
  }
  const size = messageSize(message);
  if (size > limit)
    throw new DurableEventError(
      'MESSAGE_TOO_LARGE',
      `${event}: message of ${size} bytes, the channel takes ${limit}`,
    );
}

/** Names that passed: each message has the same dozen. No more than a publisher with a fixed set of them needs. */
const goodNames = new Set<string>();
const GOOD_NAMES = 1_000;

function checkHeaderName(name: string): void {
  if (!HEADER_NAME.test(name))
    throw invalid(`header name ${JSON.stringify(name)}: lower-case letters, digits, "-"`);
  if (RESERVED.test(name)) throw invalid(`header name ${name} is taken by the channel`);
  if (goodNames.size < GOOD_NAMES) goodNames.add(name);
}

/** Bytes on the wire, a little more than needed: names, separators and the channel's own headers are counted in. */
export function messageSize(message: Message): number {
  let size = 256 + 3 * (message.id.length + message.key.length) + message.data.byteLength;
  for (const [name, value] of Object.entries(message.headers)) size += name.length + value.length + 4;
  return size;
}

function invalid(message: string): DurableEventError {
  return new DurableEventError('INVALID_MESSAGE', message);
}
