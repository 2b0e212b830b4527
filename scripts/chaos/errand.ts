/** What the client of each order wants. Pure: the same seed and number make the same errand. */
import { random } from '../../services/common/seed/random.ts';

export interface Item {
  readonly productId: string;
  readonly quantity: number;
}

export interface Errand {
  /** 1 to the number of orders. */
  readonly order: number;
  /** Index into the run's customers. */
  readonly customer: number;
  readonly key: string;
  readonly items: readonly Item[];
  readonly paymentToken: string;
  /** What it does once it has the answer. */
  readonly afterwards: 'nothing' | 'repeat' | 'conflict' | 'cancel';
}

export interface Assortment {
  readonly customers: number;
  /** Enough for everybody. */
  readonly plenty: readonly string[];
  /** Not enough: their last pieces are fought for. */
  readonly scarce: readonly string[];
}

/** Of a hundred: 8 are declined, 20 want something scarce; 10 ask twice, 10 reuse their key, 12 cancel. */
export function errandOf(seed: number, order: number, { customers, plenty, scarce }: Assortment): Errand {
  const draw = random('errand', seed, order);
  const first = scarce.length > 0 && draw.next() < 0.2 ? draw.pick(scarce) : draw.pick(plenty);
  const others = draw.sample(plenty, draw.integer(0, 2)).filter((id) => id !== first);
  const chance = draw.next();
  return {
    order,
    customer: draw.integer(0, customers - 1),
    key: `chaos-${seed}-${order}`,
    items: [first, ...others].map((productId) => ({ productId, quantity: draw.integer(1, 3) })),
    paymentToken: draw.next() < 0.08 ? 'tok_declined' : 'tok_visa',
    afterwards: chance < 0.1 ? 'repeat' : chance < 0.2 ? 'conflict' : chance < 0.32 ? 'cancel' : 'nothing',
  };
}
