import type { Context } from 'moleculer';
import { channelOf } from 'moleculer-durable-events';
import type { Action } from '../../common/service.ts';
import type { AnalyticsService } from '../analytics.service.ts';
import { type Rebuilt, rebuild as replay } from '../replay.ts';

/** Counts everything again from the stream's start, for operators: no client of the gateway reaches it. */
export const rebuild = {
  params: { $$strict: true },
  timeout: 600_000,
  /** @throws REPLAY_INCOMPLETE */
  handler(this: AnalyticsService, { broker }: Context): Promise<Rebuilt> {
    return replay(this.store, channelOf(broker));
  },
} satisfies Action<AnalyticsService>;
