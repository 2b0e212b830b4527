/** Messages and acknowledgements as NATS carries them. */
import { headers as createHeaders, type MsgHdrs } from 'nats';
import type { Message } from '../channel.ts';

const ID = 'message-id';
const KEY = 'message-key';
const OWN = /^(nats-|dead-letter-|message-(id|key)$)/i;

/**
 * Id and key are percent-encoded: headers are ASCII.
 * @param storedOnceAs what JetStream knows a repeated publish by.
 */
export function toHeaders(message: Message, storedOnceAs: string): MsgHdrs {
  const headers = createHeaders();
  // All different: `set` would look for each among those before it, twice.
  headers.append('Nats-Msg-Id', storedOnceAs);
  headers.append(ID, encodeURIComponent(message.id));
  headers.append(KEY, encodeURIComponent(message.key));
  for (const [name, value] of Object.entries(message.headers)) headers.append(name, value);
  return headers;
}

/** Own headers (`nats-…`, `dead-letter-…`) are left out. */
export function toMessage(headers: MsgHdrs | undefined, data: Uint8Array): Message {
  const rest: Record<string, string> = {};
  for (const [name, [value = '']] of headers ?? []) if (!OWN.test(name)) rest[name] = value;
  return { id: decode(headers?.get(ID)), key: decode(headers?.get(KEY)), headers: rest, data };
}

/** What came from a stranger may be no percent-encoding at all. */
export function decode(text = ''): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What the reply subject of a delivered message tells (NATS ADR-15, both forms). */
export interface AckInfo {
  readonly deliveryCount: number;
  readonly streamSeq: number;
  /** Milliseconds since 1970, the server's clock. */
  readonly storedAt: number;
}

export function parseAckSubject(reply: string): AckInfo {
  const tokens = reply.split('.');
  const first = tokens.length > 9 ? 6 : 4;
  return {
    deliveryCount: Number(tokens[first]),
    streamSeq: Number(tokens[first + 1]),
    storedAt: Math.floor(Number(tokens[first + 3]) / 1e6),
  };
}

const bytes = (text: string) => new TextEncoder().encode(text);

export const ACK = bytes('+ACK');
export const WORKING = bytes('+WPI');
export const nak = (delay: number) => bytes(delay > 0 ? `-NAK {"delay":${delay * 1_000_000}}` : '-NAK');
