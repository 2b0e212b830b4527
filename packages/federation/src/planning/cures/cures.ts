import type { DocumentNode } from 'graphql';
import { argumentRequirements } from './argument-requirements/argument-requirements.ts';
import type { Cure, Cured } from './cure.ts';
import { emptyPlans } from './empty-plans.ts';
import { fetchOrder } from './fetch-order.ts';
import { interfaceObjectRequirements } from './interface-object-requirements.ts';
import { interfaceObjectTypes } from './interface-object-types.ts';
import { keyAliases } from './key-aliases.ts';
import { requirementChains } from './requirement-chains/requirement-chains.ts';
import { unresolvableKeys } from './unresolvable-keys.ts';

/**
 * Every known fault of Apollo's planner (2.14), but for two that need more than a supergraph: conditions, which need
 * the request's variables (operation/conditions.ts), and introspection, which never reaches it
 * (without-introspection.ts).
 *
 *     supergraph ▶ first … last cure ▶ planner
 *     operation  ▶ first … last cure ▶ planner ▶ plan ▶ last … first cure ▶ executor
 */
const CURES: readonly Cure[] = [
  keyAliases,
  unresolvableKeys,
  argumentRequirements,
  interfaceObjectRequirements,
  interfaceObjectTypes,
  requirementChains,
  fetchOrder,
  emptyPlans,
];

/** All cures as one. */
export function cureAll(supergraph: DocumentNode): Required<Cured> {
  const cured: Cured[] = [];
  let shown = supergraph;
  for (const cure of CURES) {
    const next = cure(shown);
    cured.push(next);
    shown = next.supergraph ?? shown;
  }
  return {
    supergraph: shown,
    operation: (asked) => cured.reduce((operation, cure) => cure.operation?.(operation) ?? operation, asked),
    plan: (plan, asked) =>
      cured.reduceRight((mended, cure) => (cure.plan ? cure.plan(mended, asked) : mended), plan),
  };
}
