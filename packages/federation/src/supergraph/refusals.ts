import type { Refusal } from './admit.ts';
import type { RefusedSubgraph } from './status.ts';

/** The changes that are refused now, by name. */
export class Refusals {
  #refused: ReadonlyMap<string, RefusedSubgraph> = new Map();

  all(): readonly RefusedSubgraph[] {
    return [...this.#refused.values()];
  }

  /** Is it still refused, for the same reason? */
  has({ name, hash, reason }: RefusedSubgraph): boolean {
    const now = this.#refused.get(name);
    return now?.hash === hash && now.reason === reason;
  }

  clear(): void {
    this.#refused = new Map();
  }

  /** Takes these in place of all before. @returns those that are news: another hash, or another reason. */
  replace(refusals: readonly Refusal[]): readonly RefusedSubgraph[] {
    const before = this.#refused;
    const now = refusals.map(({ subgraph: { name, hash }, faults }) => {
      const known = before.get(name);
      const since = known?.hash === hash ? known.since : new Date().toISOString();
      return { name, hash, reason: faults.map(({ message }) => message).join('; '), faults, since };
    });
    this.#refused = new Map(now.map((refused) => [refused.name, refused]));
    return now.filter(
      ({ name, hash, reason }) => before.get(name)?.hash !== hash || before.get(name)?.reason !== reason,
    );
  }
}
