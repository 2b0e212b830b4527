/**
 * An answer whose data nobody needs as objects: a gateway passes much of it on as it came. A caller asks for it with the
 * call option `textAnswer: true`; on the wire nothing is different.
 */
import type { AnyPacket } from './packets.ts';

export interface TextAnswerOptions {
  /** Resolve to the answer's data as JSON text, where it comes as JSON over NATS. Elsewhere the option has no effect. */
  readonly textAnswer?: boolean;
}

const ID = /^\{"id":"([^"\\]+)"/;
const DATA = ',"success":true,"data":';
const TAIL = ',"ver":"';

/** The context id of a RES packet as Moleculer's JSON serializer writes it. */
export const idOfText = (text: string): string | undefined => ID.exec(text)?.[1];

/**
 * A successful RES packet with its data as text. Undefined when it is not one, or not written as Moleculer writes it.
 *
 * Quotes inside of JSON strings are escaped, so both marks are structure; that they are of the packet itself and not of
 * something inside its meta or data shows in that all before and all after the data is one object without it.
 */
export function readTextAnswer(text: string): AnyPacket | undefined {
  const head = text.indexOf(DATA);
  const tail = text.lastIndexOf(TAIL);
  const from = head + DATA.length;
  if (head < 0 || tail < from) return undefined;
  try {
    const before = JSON.parse(`${text.slice(0, from)}null}`);
    const after = JSON.parse(`{"data":null${text.slice(tail)}`);
    return { type: 'RES', payload: { ...before, ...after, data: text.slice(from, tail) } };
  } catch {
    return undefined;
  }
}
