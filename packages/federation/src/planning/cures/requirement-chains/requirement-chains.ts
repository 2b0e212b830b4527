import { servicesOf } from '../../join-directives.ts';
import type { Cure } from '../cure.ts';
import { mapFetches } from '../map-fetches.ts';
import { findLinks } from './find-links.ts';
import { type Move, moveLinks } from './move-links.ts';
import { withoutUnusedExternals } from './unused-externals.ts';

/**
 * Fault: in a chain `b.second → requires a.first → requires b.origin`, asked for from `a`, the planner selects `origin`
 * in `a`: it is declared there, as `@external`, and the planner does not look at that when it merges fetches
 * (buildPlan.js `handleRequiresTree` and `canRebaseOn`, 2.14). `a` answers null or nothing, `first` is computed out of
 * it, and the client gets a wrong answer and no error.
 *
 * Cure: a field that requires others and is required itself moves to a made-up subgraph of its own as the planner sees
 * it, its `@external` fields with it: what is not declared cannot be selected, and fetches of different subgraphs are
 * never merged. The made-up subgraph knows no more than keys, required fields and what the field returns. In the plan
 * its fetches go to the subgraph that it stands for.
 */
export const requirementChains: Cure = (supergraph) => {
  const links = findLinks(supergraph);
  if (links.moving.length === 0) return {};
  const services = servicesOf(supergraph);
  const moves = links.moving.map(
    (link, index): Move => ({
      link,
      graph: `${link.graph}__CHAIN_${index}`,
      service: `${services.get(link.graph)}__chain_${index}`,
    }),
  );
  const standsFor = new Map(moves.map(({ link, service }) => [service, services.get(link.graph)!]));
  return {
    supergraph: withoutUnusedExternals(moveLinks(supergraph, moves), links),
    plan: (plan) =>
      mapFetches(plan, (fetch) => ({
        ...fetch,
        serviceName: standsFor.get(fetch.serviceName) ?? fetch.serviceName,
      })),
  };
};
