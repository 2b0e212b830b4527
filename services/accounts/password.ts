/**
 * Passwords, kept as `scrypt$N$r$p$salt$key` (base64url): the parameters stand beside each hash, so that they can be
 * raised without locking out those who registered before.
 */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** 16 MiB and about 50 ms each. */
const COST = { N: 16_384, r: 8, p: 1 };
const KEY_BYTES = 32;

/** A hash no password fits. Verifying against it costs what a real one costs. */
const NOBODY = `scrypt$${COST.N}$${COST.r}$${COST.p}$${randomBytes(16).toString('base64url')}$${randomBytes(KEY_BYTES).toString('base64url')}`;

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, COST, KEY_BYTES);
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64url'), key.toString('base64url')].join('$');
}

/**
 * @param stored undefined when there is no such user: the same work is done, so that the time tells nobody who exists.
 * @throws Error when `stored` is not a hash made here: our fault, never the caller's.
 */
export async function verifyPassword(password: string, stored: string | undefined): Promise<boolean> {
  const [kind, N, r, p, salt, key] = (stored ?? NOBODY).split('$');
  if (kind !== 'scrypt' || !salt || !key) throw new Error('a stored password hash is malformed');
  const expected = Buffer.from(key, 'base64url');
  const cost = { N: Number(N), r: Number(r), p: Number(p) };
  const actual = await derive(password, Buffer.from(salt, 'base64url'), cost, expected.length);
  return timingSafeEqual(actual, expected) && stored !== undefined;
}

function derive(password: string, salt: Buffer, cost: typeof COST, bytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // The same text typed on two keyboards may arrive in two Unicode forms.
    scrypt(password.normalize('NFKC'), salt, bytes, cost, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}
