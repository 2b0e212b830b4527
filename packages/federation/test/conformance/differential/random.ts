/** A seeded stream of choices: equal seeds make equal worlds, data and operations, on any machine. */
export interface Random {
  /** 0 … below - 1. */
  int(below: number): number;
  /** True in `percent` of 100. */
  chance(percent: number): boolean;
  pick<T>(from: readonly T[]): T;
  /** At least one, in the given order. */
  some<T>(from: readonly T[]): T[];
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  // mulberry32
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const int = (below: number): number => Math.floor(next() * below);
  const pick = <T>(from: readonly T[]): T => from[int(from.length)]!;
  return {
    int,
    pick,
    chance: (percent) => next() * 100 < percent,
    some: (from) => {
      const kept = from.filter(() => next() < 0.5);
      return kept.length > 0 ? kept : [pick(from)];
    },
  };
}

/** A number that depends on every character: a seed out of a name. */
export function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
