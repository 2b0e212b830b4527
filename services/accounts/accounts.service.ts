import type { ServiceSchema } from 'moleculer';
import { Subgraph } from 'moleculer-federation';
import { type OutboxService, withOutboxStore } from '../common/outbox.ts';
import { defineService } from '../common/service.ts';
import { loadConfig, type ShopConfig } from '../config.ts';
import { type AccountStore, openAccountStore } from './account-store.ts';
import { byIds } from './actions/by-ids.ts';
import { jwks } from './actions/jwks.ts';
import { login } from './actions/login.ts';
import { register } from './actions/register.ts';
import { references, resolvers } from './resolvers.ts';
import { issueToken, type Token } from './token.ts';
import type { User } from './user.ts';

export type AccountsService = OutboxService<AccountStore> & { issueToken(user: User): Promise<Token> };

export function accountsService(config: ShopConfig): ServiceSchema {
  return defineService<AccountsService>({
    name: 'accounts',
    mixins: [
      Subgraph({ schema: './schema.graphql', resolvers, references }),
      withOutboxStore(() => openAccountStore(config)),
    ],
    actions: { byIds, jwks, login, register },
    methods: {
      async issueToken(this: AccountsService, user: User): Promise<Token> {
        return issueToken(user, await this.store.signingKey(), config.token, Date.now());
      },
    },
  });
}

export default accountsService(loadConfig());
