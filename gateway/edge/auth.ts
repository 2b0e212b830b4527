/** Who is asking: a bearer token in, an identity for `ctx.meta.user` out (RFC 6750, RFC 8725). */
import { errors, jwtVerify } from 'jose';
import { LRUCache } from 'lru-cache';
import { EdgeError } from '../errors.ts';
import type { KeySet } from './key-set.ts';

export interface Identity {
  readonly id: string;
  readonly roles: readonly string[];
}

/** Asymmetric only: with HS256 in this list, anyone could sign with the published key as the secret. */
const ALGORITHMS = ['EdDSA', 'Ed25519', 'ES256'];
/** Clocks of two machines differ; a token is not alive for longer than that. */
const CLOCK_TOLERANCE_S = 5;

/**
 * Tokens known to be good, so that a client's next request costs no signature check: ten times what all else of the
 * edge does. Only good ones are kept, so nobody without a token can fill it; both their number and text are bounded.
 */
const MAX_TOKENS = 10_000;
const MAX_CHARACTERS = 8 * 1_024 * 1_024;

interface Verified {
  readonly identity: Identity;
  /** Epoch ms. */
  readonly until: number;
  /** Of the key set that verified it: a withdrawn key takes its tokens along. */
  readonly revision: number;
}

export interface Authenticator {
  /**
   * The identity behind an Authorization header; undefined without one, an anonymous reader.
   *
   * @throws EdgeError TOKEN_INVALID, TOKEN_EXPIRED (401 with WWW-Authenticate), AUTHENTICATION_UNAVAILABLE (503).
   */
  identify(authorization: string | undefined): Promise<Identity | undefined>;
}

export function createAuthenticator(options: {
  readonly issuer: string;
  readonly audience: string;
  readonly keys: KeySet;
}): Authenticator {
  const { issuer, audience, keys } = options;
  const verified = new LRUCache<string, Verified>({
    max: MAX_TOKENS,
    maxSize: MAX_CHARACTERS,
    sizeCalculation: (_, token) => token.length,
  });
  const known = (authorization: string): Identity | undefined => {
    const entry = verified.get(authorization);
    if (!entry) return undefined;
    if (Date.now() < entry.until && keys.revision() === entry.revision) return entry.identity;
    verified.delete(authorization);
    return undefined;
  };

  return {
    async identify(authorization) {
      if (authorization === undefined) return undefined;
      const identity = known(authorization);
      if (identity) return identity;
      // Before the check: keys that change during it leave an entry that counts for nothing.
      const revision = keys.revision();
      const token = /^bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization)?.[1];
      if (!token)
        throw refused('TOKEN_INVALID', 'The Authorization header must be "Bearer" and a JSON Web Token.');
      try {
        const { payload } = await jwtVerify(token, (header, jws) => keys.key(header, jws), {
          algorithms: ALGORITHMS,
          issuer,
          audience,
          clockTolerance: CLOCK_TOLERANCE_S,
          requiredClaims: ['sub', 'exp'],
        });
        if (typeof payload.sub !== 'string' || payload.sub === '')
          throw refused('TOKEN_INVALID', 'The token names no subject.');
        const found = Object.freeze({ id: payload.sub, roles: Object.freeze(strings(payload.roles)) });
        const until = (payload.exp! + CLOCK_TOLERANCE_S) * 1_000;
        verified.set(authorization, { identity: found, until, revision });
        return found;
      } catch (error) {
        if (error instanceof EdgeError) throw error;
        if (error instanceof errors.JWTExpired)
          throw refused('TOKEN_EXPIRED', 'The token has expired, log in again.');
        // One message for every other reason: which check failed is of use to a forger only.
        throw refused('TOKEN_INVALID', 'The token is not valid here.');
      }
    },
  };
}

function refused(code: 'TOKEN_INVALID' | 'TOKEN_EXPIRED', message: string): EdgeError {
  return new EdgeError(code, message, {
    'www-authenticate': `Bearer realm="graphql", error="invalid_token", error_description="${message.replaceAll('"', "'")}"`,
  });
}

const strings = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
