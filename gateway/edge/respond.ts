/** Writes answers. Every response leaves with the same strict headers; only the two query pages loosen their CSP. */
import type { ServerResponse } from 'node:http';
import { EdgeError } from '../errors.ts';

/** Response headers by lower-case name. */
export type ResponseHeaders = Readonly<Record<string, string>>;

const strict: ResponseHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-resource-policy': 'same-origin',
};

const NONE: ResponseHeaders = {};

export const JSON_TYPE = 'application/json; charset=utf-8';
export const TEXT_TYPE = 'text/plain; charset=utf-8';

/**
 * Sends a whole response. Does nothing when the client is gone or an answer has begun. For HEAD Node itself leaves
 * the body out.
 *
 * @param headers come in place of the strict ones of their names.
 */
export function send(
  res: ServerResponse,
  status: number,
  contentType: string,
  body: string | Buffer,
  headers: ResponseHeaders = NONE,
): void {
  if (res.headersSent || res.destroyed) return;
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  // In pairs, and no header set before: Node then writes them as they are, in a third of the time.
  const fields = ['content-type', contentType, 'content-length', String(length)];
  for (const name in strict) if (!(name in headers)) fields.push(name, strict[name]!);
  for (const name in headers) fields.push(name, headers[name]!);
  res.writeHead(status, fields);
  // ASCII is the same in both, and as latin1 it is copied instead of encoded, into a third of the memory.
  if (length === body.length && typeof body === 'string') res.end(body, 'latin1');
  else res.end(body);
}

export function sendJson(res: ServerResponse, status: number, value: unknown): void {
  send(res, status, JSON_TYPE, JSON.stringify(value));
}

/** The one shape every refusal has, GraphQL or not. */
export const errorBody = (code: string, message: string): string =>
  JSON.stringify({ errors: [{ message, extensions: { code } }] });

/** Answers with what the client may know of `error`: an EdgeError as it stands, anything else as a fault of ours. */
export function sendError(res: ServerResponse, error: unknown, contentType: string = JSON_TYPE): void {
  if (error instanceof EdgeError)
    send(res, error.status, contentType, errorBody(error.code, error.message), error.headers);
  else send(res, 500, contentType, errorBody('INTERNAL_SERVER_ERROR', 'Internal server error'));
}
