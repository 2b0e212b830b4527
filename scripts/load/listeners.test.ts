import { expect, test } from '@jest/globals';
import { type Counts, type Customer, reconcileListeners } from './listeners.ts';
import type { PlacedOrder } from './reconcile.ts';

const order = (id: string, status: string, payment: string, amount: number, lines = 1): PlacedOrder => ({
  ...{ id, status, total: { amount }, payment: { status: payment } },
  lines: Array.from({ length: lines }, () => ({ quantity: 1 })),
});
const mails = (id: string, ...kinds: string[]) => kinds.map((kind) => `${kind}:${id}`);
const bought = ['ORDER_PLACED', 'ORDER_CONFIRMED', 'ORDER_SHIPPED'];

const customers: readonly Customer[] = [
  {
    id: 'u1',
    orders: [
      order('o1', 'CONFIRMED', 'CAPTURED', 1_999, 3),
      order('o2', 'CONFIRMED', 'CAPTURED', 250),
      order('o3', 'CANCELLED', 'REFUNDED', 700, 2),
    ],
    points: 21,
    mails: [
      ...mails('u1', 'WELCOME'),
      ...mails('o1', ...bought),
      ...mails('o2', ...bought),
      ...mails('o3', 'ORDER_PLACED', 'ORDER_CANCELLED'),
    ],
  },
  {
    id: 'u2',
    orders: [order('o4', 'CANCELLED', 'DECLINED', 900)],
    points: 0,
    mails: [...mails('u2', 'WELCOME'), ...mails('o4', 'ORDER_CANCELLED', 'ORDER_PLACED')],
  },
];

interface Numbers {
  readonly registered: number;
  readonly ordered: number;
  readonly orderedAgain: number;
  readonly placed: number;
  readonly confirmed: number;
  readonly shipped: number;
  readonly cancelled: number;
  readonly revenue: number;
  readonly refunded: number;
  readonly pairs: number;
}
const right: Numbers = {
  ...{ registered: 2, ordered: 1, orderedAgain: 1, placed: 4, confirmed: 2, shipped: 2, cancelled: 2 },
  ...{ revenue: 2_249, refunded: 700, pairs: 6 },
};
/** What was counted before this run takes no part. */
const counts = (numbers: Numbers, earlier = 0): Counts => {
  const { registered, ordered, orderedAgain, placed, confirmed, shipped, cancelled, ...rest } = numbers;
  return {
    analytics: {
      funnel: { registered: registered + earlier, ordered: ordered + earlier, orderedAgain },
      orders: {
        ...{ placed: placed + earlier, confirmed: confirmed + earlier, shipped, cancelled },
        ...{ revenue: { amount: rest.revenue + earlier }, refunded: { amount: rest.refunded } },
      },
    },
    pairTotals: { pairs: rest.pairs + earlier },
  };
};
const nothing: Numbers = {
  ...{ registered: 0, ordered: 0, orderedAgain: 0, placed: 0, confirmed: 0, shipped: 0, cancelled: 0 },
  ...{ revenue: 0, refunded: 0, pairs: 0 },
};
const wrong = (numbers: Numbers, of: readonly Customer[] = customers) =>
  reconcileListeners(counts(nothing, 50), counts(numbers, 50), of)
    .filter(({ expected, found }) => expected !== found)
    .map(({ what }) => what);

test('listeners that heard everything once pass every check', () => {
  expect(wrong(right)).toEqual([]);
});

test.each<[keyof Numbers, string]>([
  ['registered', 'analytics: registrations'],
  ['ordered', 'analytics: who bought'],
  ['orderedAgain', 'analytics: who bought again'],
  ['placed', 'analytics: orders placed'],
  ['confirmed', 'analytics: orders confirmed'],
  ['shipped', 'analytics: orders shipped'],
  ['cancelled', 'analytics: orders cancelled'],
  ['revenue', 'analytics: revenue (cents)'],
  ['refunded', 'analytics: paid back (cents)'],
  ['pairs', 'recommendations: pairs in confirmed orders'],
])('%s one too many or one too few: told, and nothing else', (number, what) => {
  expect(wrong({ ...right, [number]: right[number] + 1 })).toEqual([what]);
  expect(wrong({ ...right, [number]: right[number] - 1 })).toEqual([what]);
});

const [ada, alan] = customers as [Customer, Customer];

test.each<[string, Customer, string[]]>([
  ['one is missing', { ...ada, mails: ada.mails.slice(1) }, ['mails missing']],
  [
    'one came twice',
    { ...ada, mails: [...ada.mails, 'ORDER_SHIPPED:o1'] },
    ['mails sent twice, or to no purpose'],
  ],
  [
    'a cancelled order was said to be shipped',
    { ...ada, mails: [...ada.mails, 'ORDER_SHIPPED:o3'] },
    ['mails sent twice, or to no purpose'],
  ],
  [
    'one came twice in another’s place',
    { ...ada, mails: [...ada.mails.slice(0, -1), 'WELCOME:u1'] },
    ['mails missing', 'mails sent twice, or to no purpose'],
  ],
])('of the mails %s: told', (_, customer, told) => {
  expect(wrong(right, [customer, alan])).toEqual(told);
});

test('points of a cancelled order, or none of a confirmed one: told', () => {
  const told = ['customers whose points are not those of their confirmed orders'];
  expect(wrong(right, [ada, { ...alan, points: 9 }])).toEqual(told);
  expect(wrong(right, [{ ...ada, points: 19 }, alan])).toEqual(told);
});
