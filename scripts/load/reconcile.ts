/** Do the orders agree with the books? Pure. */

export interface Books {
  readonly stockTotals: { readonly available: number; readonly reserved: number; readonly sold: number };
  readonly paymentTotals: {
    readonly captured: { readonly amount: number };
    readonly refunded: { readonly amount: number };
  };
}

export interface PlacedOrder {
  readonly id: string;
  readonly status: string;
  readonly total: { readonly amount: number };
  readonly lines: readonly { readonly quantity: number }[];
  readonly payment: { readonly status: string } | null;
}

export interface Check {
  readonly what: string;
  readonly expected: number;
  readonly found: number;
}

/** What must hold when nobody else has ordered or restocked between the two readings. */
export function reconcile(before: Books, after: Books, orders: readonly PlacedOrder[]): Check[] {
  const confirmed = orders.filter(({ status }) => status === 'CONFIRMED');
  const kept = ({ paymentTotals: { captured, refunded } }: Books) => captured.amount - refunded.amount;
  const pieces = ({ stockTotals: { available, reserved, sold } }: Books) => available + reserved + sold;
  const paidFor = new Set(['CAPTURED']);
  return [
    {
      what: 'orders that are not final',
      expected: 0,
      found: orders.filter(({ status }) => status === 'PENDING').length,
    },
    {
      what: 'orders confirmed and not paid, or cancelled and paid',
      expected: 0,
      found: orders.filter(
        (order) => (order.status === 'CONFIRMED') !== paidFor.has(order.payment?.status ?? ''),
      ).length,
    },
    {
      what: 'money captured and not refunded (cents) = confirmed orders',
      expected: confirmed.reduce((sum, { total }) => sum + total.amount, 0),
      found: kept(after) - kept(before),
    },
    {
      what: 'pieces sold = confirmed orders',
      expected: confirmed.flatMap(({ lines }) => lines).reduce((sum, { quantity }) => sum + quantity, 0),
      found: after.stockTotals.sold - before.stockTotals.sold,
    },
    { what: 'pieces reserved', expected: before.stockTotals.reserved, found: after.stockTotals.reserved },
    { what: 'stock + reserved + sold = initial', expected: pieces(before), found: pieces(after) },
  ];
}
