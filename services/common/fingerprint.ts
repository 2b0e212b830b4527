import { createHash } from 'node:crypto';

/** Tells whether two requests under one idempotency key asked for the same: equal for equal JSON, keys in one order. */
export function fingerprint(body: unknown): string {
  return createHash('sha256').update(JSON.stringify(body)).digest('base64url');
}
