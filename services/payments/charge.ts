/** What can become of the money of one order. Pure. */
import type { Money } from '../common/money.ts';

export interface Charge {
  /** What the money is for: an order's id. There is one charge for each. */
  readonly reference: string;
  readonly amount: Money;
  /** Stands for a means of payment. `tok_declined` is declined, any other accepted. */
  readonly token: string;
}

export type Operation = 'authorize' | 'capture' | 'void' | 'refund';

/** Nothing yet: undefined. */
export type ChargeState = 'authorized' | 'captured' | 'declined' | 'voided' | 'refunded';

/**
 * The state after an operation; unchanged where the operation is not possible.
 *
 * What undoes may arrive before what it undoes: a request that hung may go through after it was given up. So `void`
 * and `refund` bar a charge that does not exist yet.
 */
export function afterOperation(
  state: ChargeState | undefined,
  operation: Operation,
  token: string,
): ChargeState | undefined {
  switch (operation) {
    case 'authorize':
      return state ?? (token === 'tok_declined' ? 'declined' : 'authorized');
    case 'capture':
      return state === 'authorized' ? 'captured' : state;
    case 'void':
      return state === undefined || state === 'authorized' ? 'voided' : state;
    case 'refund':
      if (state === 'captured') return 'refunded';
      return state === undefined || state === 'authorized' ? 'voided' : state;
  }
}

const rank: Readonly<Record<ChargeState, number>> = {
  authorized: 1,
  captured: 2,
  declined: 3,
  voided: 3,
  refunded: 3,
};

/** The states that `state` may replace: answers may be noted in another order than they were given. */
export function earlierThan(state: ChargeState): ChargeState[] {
  return (Object.keys(rank) as ChargeState[]).filter((other) => rank[other] < rank[state]);
}
