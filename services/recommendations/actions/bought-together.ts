import type { Context } from 'moleculer';
import { idsParam } from '../../common/params.ts';
import type { Action } from '../../common/service.ts';
import type { RecommendationsService } from '../recommendations.service.ts';

interface Params {
  readonly ids: readonly string[];
  readonly first: number;
}

export interface BoughtTogether {
  readonly id: string;
  readonly others: readonly string[];
}

/** For each of these products what was bought with it, most often first. */
export const boughtTogether = {
  idempotent: true,
  params: { ids: idsParam, first: { type: 'number', integer: true, min: 0, max: 20 }, $$strict: true },
  async handler(this: RecommendationsService, { params }: Context<Params>): Promise<BoughtTogether[]> {
    const found = await this.store.boughtWith(params.ids, params.first);
    return [...found].map(([id, others]) => ({ id, others }));
  },
} satisfies Action<RecommendationsService>;
