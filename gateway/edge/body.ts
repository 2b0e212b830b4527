import type { IncomingMessage } from 'node:http';
import { EdgeError } from '../errors.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads a request body once, as UTF-8 text.
 *
 * @param limit in bytes; refused by Content-Length before a byte is read, and again while reading, as that header
 *   may lie or be missing.
 * @throws EdgeError PAYLOAD_TOO_LARGE, or BAD_REQUEST when the bytes are not UTF-8 or the client gave up half way.
 */
export function readBody(req: IncomingMessage, limit: number): Promise<string> {
  const tooLarge = () =>
    new EdgeError('PAYLOAD_TOO_LARGE', `The request body is over ${limit} bytes.`, { connection: 'close' });
  return new Promise((resolve, reject) => {
    if (Number(req.headers['content-length'] ?? 0) > limit) {
      reject(tooLarge());
      return;
    }
    const chunks: Buffer[] = [];
    let size = 0;
    req.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else if (size - chunk.length <= limit) reject(tooLarge());
    });
    req.once('end', () => {
      try {
        resolve(utf8.decode(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)));
      } catch {
        reject(new EdgeError('BAD_REQUEST', 'The request body is not UTF-8.'));
      }
    });
    const cut = () => {
      // `close` follows `end` too; an error nobody reads would cost a stack trace per request.
      if (!req.readableEnded) reject(new EdgeError('BAD_REQUEST', 'The request body ended early.'));
    };
    req.once('error', cut);
    req.once('close', cut);
  });
}
