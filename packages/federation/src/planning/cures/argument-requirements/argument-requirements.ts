import type { Cure } from '../cure.ts';
import { mapFetches } from '../map-fetches.ts';
import { isolateArgumentRequirements } from './isolate.ts';
import { translateFetch } from './translate.ts';

/**
 * Fault: the planner selects a required `price(currency: "USD")` under the name `price`, the same as the client's
 * `price(currency: "EUR")`, or as another requirement's: one of them is lost, and its value taken for the other.
 *
 * Cure: each `@requires` use of a field that takes arguments is planned as a field of its own, `price__required_0`,
 * and translated in the plan. Where one fetch needs two of them under one name, it is split.
 */
export const argumentRequirements: Cure = (supergraph) => {
  const requirements = isolateArgumentRequirements(supergraph);
  if (requirements.byVirtualName.size === 0) return {};
  return {
    supergraph: requirements.supergraph,
    plan: (plan) => mapFetches(plan, (fetch) => translateFetch(fetch, requirements)),
  };
};
