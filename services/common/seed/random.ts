/** A random number generator that gives the same numbers everywhere: SplitMix32, good enough for demonstration data. */
export interface Random {
  /** 0 ≤ x < 1 */
  next(): number;
  /** An integer, both ends included. */
  integer(from: number, to: number): number;
  pick<T>(items: readonly T[]): T;
  /** Several different items, in random order. */
  sample<T>(items: readonly T[], count: number): T[];
}

/** @param parts name the stream: product 7's numbers do not depend on how many were drawn for product 6. */
export function random(...parts: readonly (string | number)[]): Random {
  let state = hash(parts.join('/'));
  const next = () => {
    state = (state + 0x9e3779b9) | 0;
    let x = state ^ (state >>> 16);
    x = Math.imul(x, 0x21f0aaad);
    x ^= x >>> 15;
    x = Math.imul(x, 0x735a2d97);
    return ((x ^ (x >>> 15)) >>> 0) / 2 ** 32;
  };
  const integer = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
  return {
    next,
    integer,
    pick: (items) => {
      if (items.length === 0) throw new RangeError('nothing to pick from');
      return items[integer(0, items.length - 1)] as (typeof items)[number];
    },
    sample(items, count) {
      const left = [...items];
      const taken: typeof left = [];
      while (taken.length < count && left.length > 0)
        taken.push(...left.splice(integer(0, left.length - 1), 1));
      return taken;
    },
  };
}

/** FNV-1a */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value;
}
