import type { Context, ServiceSchema } from 'moleculer';
import type { GroupLag, GroupQuery } from '../channel.ts';
import { channelOf } from './middleware.ts';

/**
 * `call channels.groups`, `.forget`, from the REPL or any service: what waits for each group of the broker's channel, and how to be rid of
 * one whose service is gone for good. Whoever may call actions may use it; it has no place in a client-facing API.
 */
export const channelService: ServiceSchema = {
  name: 'channels',
  actions: {
    groups: {
      params: { event: 'string|optional', group: 'string|optional' },
      handler: (ctx: Context<GroupQuery>): Promise<GroupLag[]> => channelOf(ctx.broker).groups(ctx.params),
    },
    forget: {
      params: { event: 'string', group: 'string' },
      handler: (ctx: Context<{ event: string; group: string }>): Promise<void> =>
        channelOf(ctx.broker).forget(ctx.params.event, ctx.params.group),
    },
  },
};
