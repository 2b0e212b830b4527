/** The rules of the programme. */
import type { Money } from '../common/money.ts';

export const tiers = ['BRONZE', 'SILVER', 'GOLD'] as const;
export type Tier = (typeof tiers)[number];

/** What a member has. Points are never negative. */
export interface Membership {
  readonly userId: string;
  readonly points: number;
}

/** One point for each full unit of the currency: 1 for 1.99 EUR. */
export function pointsFor(total: Money): number {
  return Math.floor(total.amount / 100);
}

/** Points at which a tier begins. */
const SILVER_FROM = 500;
const GOLD_FROM = 2_000;

export function tierOf(points: number): Tier {
  if (points >= GOLD_FROM) return 'GOLD';
  return points >= SILVER_FROM ? 'SILVER' : 'BRONZE';
}
