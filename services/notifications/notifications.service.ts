import type { Context, ServiceSchema } from 'moleculer';
import { channelOf, originOf, toMessage } from 'moleculer-durable-events';
import { Subgraph } from 'moleculer-federation';
import { withFaults } from '../common/faults.ts';
import type { EventContext } from '../common/inbox.ts';
import { defineService, type StoreService, withStore } from '../common/service.ts';
import { loadConfig, type ShopConfig } from '../config.ts';
import { list } from './actions/list.ts';
import { page } from './actions/page.ts';
import { unsent } from './actions/unsent.ts';
import { write } from './actions/write.ts';
import {
  MAIL_GROUP,
  MAIL_REQUESTED,
  mailRequested,
  mailRequests,
  type Occasion,
  occasions,
  requestFor,
  type Told,
} from './events.ts';
import { type Mail, type MailRequest, mailId } from './mail.ts';
import { type MailboxStore, openMailboxStore } from './mailbox-store.ts';
import { resolvers } from './resolvers.ts';

export type NotificationsService = StoreService<MailboxStore> & {
  /** May anybody read the mailbox's page? */
  openToAll: boolean;
  readonly actions: { write(request: MailRequest, options: { readonly parentCtx: Context }): Promise<Mail> };
};

export function notificationsService(config: ShopConfig): ServiceSchema {
  return defineService<NotificationsService>({
    name: 'notifications',
    mixins: [
      Subgraph({ schema: './schema.graphql', resolvers }),
      withStore(() => openMailboxStore(config)),
      withFaults(['write']),
    ],
    actions: { list, page, unsent, write },
    channels: {
      ...Object.fromEntries(Object.entries(occasions).map(([type, occasion]) => [type, queueMail(occasion)])),
      [MAIL_REQUESTED]: {
        group: MAIL_GROUP,
        maxAttempts: config.mailAttempts,
        versions: mailRequests,
        handler: sendMail,
      },
    },
    created() {
      this.openToAll = config.seed && config.demoPassword !== undefined;
    },
  });
}

/**
 * An event becomes a job at once, whoever is away; the job becomes a mail when it can. Nothing is written here that the job would have
 * to agree with, hence no outbox: an event that is told again asks for the same mail under the same id.
 */
function queueMail({ kind, versions }: Occasion) {
  return {
    versions,
    handler(this: NotificationsService, ctx: EventContext<Told>) {
      const request = requestFor(kind, ctx.params);
      const job = mailRequested.create(request, originOf(ctx), mailId(request));
      return channelOf(this.broker).publish(MAIL_REQUESTED, toMessage(job));
    },
  };
}

async function sendMail(this: NotificationsService, ctx: EventContext<MailRequest>): Promise<void> {
  let mail: Mail;
  try {
    mail = await this.actions.write(ctx.params, { parentCtx: ctx });
  } catch (error) {
    await this.store.noteFailure(ctx.params, ctx.locals.attempt, error);
    throw error;
  }
  await this.store.deliver(mail);
}

export default notificationsService(loadConfig());
