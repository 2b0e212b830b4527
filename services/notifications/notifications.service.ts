import type { ServiceSchema } from 'moleculer';
import { originOf } from 'moleculer-durable-events';
import { Subgraph } from 'moleculer-federation';
import { type EventContext, entryOf, withInboxPruning } from '../common/inbox.ts';
import { type OutboxService, withOutboxStore } from '../common/outbox.ts';
import { defineService } from '../common/service.ts';
import { loadConfig, type ShopConfig } from '../config.ts';
import { list } from './actions/list.ts';
import { write } from './actions/write.ts';
import {
  MAIL_REQUESTED,
  mailRequested,
  mailRequests,
  type Occasion,
  occasions,
  requestFor,
  type Told,
} from './events.ts';
import { type MailRequest, mailId } from './mail.ts';
import { type MailboxStore, openMailboxStore } from './mailbox-store.ts';
import { resolvers } from './resolvers.ts';

export type NotificationsService = OutboxService<MailboxStore>;

/** A mail needs others (address, names of products), who may be away for long: these attempts last about 8 hours. */
const PATIENCE = { maxAttempts: 1_000, backoff: { initial: 100, max: 30_000 } };

export function notificationsService(config: ShopConfig): ServiceSchema {
  return defineService<NotificationsService>({
    name: 'notifications',
    mixins: [
      Subgraph({ schema: './schema.graphql', resolvers }),
      withOutboxStore(() => openMailboxStore(config)),
      withInboxPruning(),
    ],
    actions: { list },
    channels: {
      ...Object.fromEntries(Object.entries(occasions).map(([type, occasion]) => [type, queueMail(occasion)])),
      [MAIL_REQUESTED]: {
        ...PATIENCE,
        group: 'mails',
        versions: mailRequests,
        async handler(this: NotificationsService, ctx: EventContext<MailRequest>) {
          await this.store.deliver(entryOf(ctx), await write(ctx));
        },
      },
    },
  });
}

/** An event becomes a job at once, whoever is away; the job becomes a mail when it can. */
function queueMail({ kind, versions }: Occasion) {
  return {
    versions,
    async handler(this: NotificationsService, ctx: EventContext<Told>) {
      const request = requestFor(kind, ctx.params);
      await this.store.request(entryOf(ctx), mailRequested.create(request, originOf(ctx), mailId(request)));
      this.wakeRelay();
    },
  };
}

export default notificationsService(loadConfig());
