/** What an administrator reads of everybody's books. */
import type { Counts } from './listeners.ts';
import type { Books } from './reconcile.ts';

export type AllBooks = Books & Counts;

export const readBooks = `{ stockTotals { available reserved sold }
  paymentTotals { captured { amount } refunded { amount } } pairTotals { pairs }
  analytics(hours: 0, products: 0) { funnel { registered ordered orderedAgain }
    orders { placed confirmed shipped cancelled revenue { amount } refunded { amount } } } }`;
