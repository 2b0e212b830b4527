import type { PostRequest } from '../http-origin.ts';
import { WireError } from '../wire-error.ts';

const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Anything else could end the field, and begin another. */
const VALUE = /^[\t\u0020-\u007e\u0080-\u00ff]*$/;
/** Of the connection, not of the message: RFC 9110 §7.6.1 has them end at each intermediary. */
const HOP_BY_HOP =
  /^(?:connection|content-length|expect|host|keep-alive|proxy-connection|te|trailer|transfer-encoding|upgrade)$/i;

/**
 * A POST as it goes over the wire: one string, to be written as latin1, or bytes where its body is not ASCII. Headers of the connection
 * are this side's own; those given are left out.
 *
 * @throws WireError UNSENDABLE for a header that would be more than one.
 */
export function requestText(host: string, { path, headers, body }: PostRequest): string | Buffer {
  let head = `POST ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n`;
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index]!;
    const value = headers[index + 1]!;
    if (!NAME.test(name)) throw new WireError('UNSENDABLE', 'a header has an invalid name');
    if (!VALUE.test(value)) throw new WireError('UNSENDABLE', `the header ${name} has an invalid value`);
    if (!HOP_BY_HOP.test(name)) head += `${name}: ${value}\r\n`;
  }
  const length = Buffer.byteLength(body);
  head += `content-length: ${length}\r\n\r\n`;
  if (length === body.length) return head + body;
  const bytes = Buffer.allocUnsafe(head.length + length);
  bytes.write(head, 'latin1');
  bytes.write(body, head.length, 'utf8');
  return bytes;
}
