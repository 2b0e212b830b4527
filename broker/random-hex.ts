import { randomFillSync } from 'node:crypto';

/** Bytes drawn at once: asking the system for sixteen at a time would cost more than all else that a trace id needs. */
const POOL = 4_096;

const bytes = Buffer.allocUnsafe(POOL);
let used = POOL;

/** `count` bytes from the cryptographic source as lower-case hex digits, never the same bytes twice. */
export function randomHex(count: number): string {
  if (used + count > POOL) {
    randomFillSync(bytes);
    used = 0;
  }
  const from = used;
  used += count;
  return bytes.toString('hex', from, used);
}
