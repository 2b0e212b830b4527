/** Access tokens: JWTs (RFC 7519) signed with Ed25519, verified by anyone who has the published keys. */

import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose';
import type { ShopConfig } from '../config.ts';
import type { User } from './user.ts';

export const ALGORITHM = 'EdDSA';

export interface SigningKey {
  readonly kid: string;
  readonly privateJwk: JWK;
  readonly publicJwk: JWK;
}

export interface Token {
  readonly token: string;
  /** ISO 8601, UTC. */
  readonly expiresAt: string;
}

export async function createSigningKey(): Promise<SigningKey> {
  const kid = randomUUID();
  const { privateKey, publicKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const common = { kid, alg: ALGORITHM, use: 'sig' };
  return {
    kid,
    privateJwk: { ...(await exportJWK(privateKey)), ...common },
    publicJwk: { ...(await exportJWK(publicKey)), ...common },
  };
}

/** @param now epoch ms. Claims: sub, roles, iss, aud, iat, exp. */
export async function issueToken(
  user: Pick<User, 'id' | 'roles'>,
  key: SigningKey,
  { issuer, audience, ttlSeconds }: ShopConfig['token'],
  now: number,
): Promise<Token> {
  const issued = Math.floor(now / 1_000);
  const expires = issued + ttlSeconds;
  const token = await new SignJWT({ roles: [...user.roles] })
    .setProtectedHeader({ alg: ALGORITHM, kid: key.kid, typ: 'JWT' })
    .setSubject(user.id)
    .setIssuer(issuer)
    .setAudience(audience)
    .setIssuedAt(issued)
    .setExpirationTime(expires)
    .sign(await importJWK(key.privateJwk, ALGORITHM));
  return { token, expiresAt: new Date(expires * 1_000).toISOString() };
}
