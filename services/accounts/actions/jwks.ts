import type { JWK } from 'jose';
import type { Action } from '../../common/service.ts';
import type { AccountsService } from '../accounts.service.ts';

/** The public keys that tokens verify against, as a JSON Web Key Set (RFC 7517 §5). */
export const jwks = {
  idempotent: true,
  params: { $$strict: true },
  async handler(this: AccountsService): Promise<{ keys: JWK[] }> {
    return { keys: [(await this.store.signingKey()).publicJwk] };
  },
} satisfies Action<AccountsService>;
