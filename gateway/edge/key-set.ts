/** The public keys that verify tokens: read from accounts (or a URL), cached, and kept while nobody answers. */
import {
  createLocalJWKSet,
  errors,
  type FlattenedJWSInput,
  type JSONWebKeySet,
  type JWSHeaderParameters,
} from 'jose';
import { EdgeError } from '../errors.ts';

/** Shortest time between two reads, so that tokens with made-up key ids cannot make us hammer accounts. */
const MIN_INTERVAL_MS = 3_000;
/** After this a set is read again in the background, so that a withdrawn key stops working. */
const MAX_AGE_MS = 300_000;

type KeyLookup = ReturnType<typeof createLocalJWKSet>;
export type Key = Awaited<ReturnType<KeyLookup>>;

export interface KeySet {
  /**
   * The key a token names. An unknown key id causes one more read of the set, at most every few seconds; concurrent
   * callers share it.
   *
   * @throws JWKSNoMatchingKey when the set is known and has no such key.
   * @throws EdgeError AUTHENTICATION_UNAVAILABLE while no set was ever read.
   */
  key(header: JWSHeaderParameters, token: FlattenedJWSInput): Promise<Key>;
}

/** @param now milliseconds, monotonic. */
export function createKeySet(
  read: () => Promise<JSONWebKeySet>,
  now: () => number = () => performance.now(),
): KeySet {
  let keys: KeyLookup | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  let triedAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;

  /** Never rejects: a set that cannot be read leaves the old one in place. */
  const refresh = (): Promise<void> => {
    if (reading) return reading;
    if (now() - triedAt < MIN_INTERVAL_MS) return Promise.resolve();
    triedAt = now();
    reading = read()
      .then((set) => {
        keys = createLocalJWKSet(set);
        readAt = now();
      })
      .catch(() => undefined)
      .finally(() => {
        reading = undefined;
      });
    return reading;
  };

  return {
    async key(header, token) {
      if (!keys) await refresh();
      else if (now() - readAt > MAX_AGE_MS) void refresh();
      if (!keys)
        throw new EdgeError('AUTHENTICATION_UNAVAILABLE', 'Tokens cannot be verified yet, try again.', {
          'retry-after': '3',
        });
      try {
        return await keys(header, token);
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
        await refresh();
        return keys(header, token);
      }
    },
  };
}
