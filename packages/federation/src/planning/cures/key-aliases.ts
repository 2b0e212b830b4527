import { createResponseNames, plannedNames } from '../response-names.ts';
import type { Cure } from './cure.ts';

/**
 * Fault: keys and requirements that the plan selects live in the same objects as what the client asked for, so a client
 * alias that spells one, `{ user { email: id } }`, feeds a wrong value into a representation, silently.
 *
 * Cure: such aliases have a prefix in the plan, which the answer does not show (`QueryPlanner.names`).
 */
export const keyAliases: Cure = (supergraph) => ({
  operation: createResponseNames(plannedNames(supergraph)).rename,
});
