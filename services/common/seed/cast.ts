/**
 * The demonstration's products and users by number, the same in every service. Each service seeds its own store out of
 * this, so that ids, prices and what a review says fit together without one service reading another's data.
 */
import { brands, kinds, type ProductKind } from './product-kinds.ts';
import { random } from './random.ts';

export const PRODUCTS = 1_000;
export const USERS = 100;
export const REVIEWS = 5_000;
export const ORDERS = 240;

/** 2026-01-01T00:00:00Z: everything seeded happened before. */
export const SEED_TIME = Date.UTC(2026, 0, 1);
export const MINUTE = 60_000;
export const DAY = 86_400_000;

export const productId = (n: number): string => `p${n}`;
export const userId = (n: number): string => `u${n}`;

export interface SeedProduct {
  readonly id: string;
  readonly name: string;
  readonly brand: string;
  readonly category: string;
  readonly description: string;
  /** Cents. */
  readonly price: number;
  /** Grams. */
  readonly weight: number;
  readonly kind: ProductKind;
}

export interface SeedUser {
  readonly id: string;
  readonly name: string;
  readonly username: string;
  readonly email: string;
  /** Epoch ms: before anybody reviewed or ordered anything. */
  readonly registeredAt: number;
}

/** Product `n`, 1 to PRODUCTS. Names are unique: n runs through kind × brand × series. */
export function seedProduct(n: number): SeedProduct {
  const draw = random('product', n);
  const index = n - 1;
  const kind = kinds[index % kinds.length] as ProductKind;
  const round = Math.floor(index / kinds.length);
  const brand = brands[(round + index * 7) % brands.length] as string;
  const series = SERIES[Math.floor(round / 3) % SERIES.length] as string;
  const grade = GRADES[round % GRADES.length] as { readonly suffix: string; readonly price: number };
  const feature = draw.pick(kind.features);
  const euros = kind.price[0] + (kind.price[1] - kind.price[0]) * draw.next() ** 2 * grade.price;
  return {
    id: productId(n),
    name: `${brand} ${series} ${kind.noun}${grade.suffix}`,
    brand,
    category: kind.category,
    description: `${kind.pitch} ${feature} ${draw.pick(CLOSINGS)}`,
    price: Math.max(1, Math.round(euros)) * 100 - draw.pick([1, 5, 10]),
    weight: Math.round((kind.weight[0] + (kind.weight[1] - kind.weight[0]) * draw.next()) / 10) * 10,
    kind,
  };
}

/** User `n`, 1 to USERS. User 1 is the administrator. */
export function seedUser(n: number): SeedUser {
  const first = FIRST_NAMES[(n - 1) % FIRST_NAMES.length] as string;
  const last = LAST_NAMES[(n * 7 + Math.floor((n - 1) / FIRST_NAMES.length)) % LAST_NAMES.length] as string;
  const username = `${first}.${last}`.toLowerCase();
  return {
    ...{ id: userId(n), name: `${first} ${last}`, username, email: `${username}@example.com` },
    registeredAt: SEED_TIME - (300 - n) * DAY,
  };
}

const SERIES = ['Alta', 'Borea', 'Cirrus', 'Delta', 'Ember', 'Fjord', 'Grove', 'Halo', 'Iris', 'Juno'];
const GRADES = [
  { suffix: '', price: 0.6 },
  { suffix: ' Plus', price: 0.8 },
  { suffix: ' Pro', price: 1 },
] as const;
const CLOSINGS = [
  'Two years of warranty.',
  'Spare parts are kept for ten years.',
  'Ships without plastic.',
  'Made in Europe.',
  'Easy to clean, easy to repair.',
  'Comes with a printed manual that people understand.',
];
const FIRST_NAMES =
  'Ada Alan Barbara Claude Dorothy Edsger Frances Grace Hedy Ivan Jean John Katherine Leslie Margaret Niklaus Radia Shafi Tony Whitfield'.split(
    ' ',
  );
const LAST_NAMES =
  'Abbott Becker Costa Dubois Eriksen Fischer Garcia Horvat Ivanova Jensen Kowalski Lindgren Moreau Novak Okafor Petrov Quinn Rossi Santos Tanaka Ueda Virtanen Weber Xu Yilmaz Zimmer'.split(
    ' ',
  );
