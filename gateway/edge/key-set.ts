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
  /**
   * Another number whenever the keys have changed: what was verified by an older one must be verified again. Asking
   * also starts the reading of a set that has grown old, as `key` does.
   */
  revision(): number;
}

/** @param now milliseconds, monotonic. */
export function createKeySet(
  read: () => Promise<JSONWebKeySet>,
  now: () => number = () => performance.now(),
): KeySet {
  let keys: KeyLookup | undefined;
  let keysText = '';
  let revision = 0;
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
        readAt = now();
        const text = JSON.stringify(set);
        if (text === keysText) return;
        keys = createLocalJWKSet(set);
        keysText = text;
        revision += 1;
      })
      .catch(() => undefined)
      .finally(() => {
        reading = undefined;
      });
    return reading;
  };

  const refreshOld = (): void => {
    if (keys && now() - readAt > MAX_AGE_MS) void refresh();
  };

  return {
    revision() {
      refreshOld();
      return revision;
    },
    async key(header, token) {
      if (!keys) await refresh();
      else refreshOld();
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
