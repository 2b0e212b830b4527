import { Kind } from 'graphql';
import { booleanArgument } from '../join-directives.ts';
import type { Cure } from './cure.ts';

/**
 * Fault: the planner may take the first key it meets to enter a subgraph, resolvable or not, and then asks the subgraph
 * for an entity that it said it cannot resolve.
 *
 * Cure: it takes keys in the order of the directives, so each type's `@join__type(resolvable: false)` come last.
 */
export const unresolvableKeys: Cure = (supergraph) => ({
  supergraph: {
    ...supergraph,
    definitions: supergraph.definitions.map((definition) => {
      if (
        definition.kind !== Kind.OBJECT_TYPE_DEFINITION &&
        definition.kind !== Kind.INTERFACE_TYPE_DEFINITION
      ) {
        return definition;
      }
      const directives = definition.directives ?? [];
      const last = directives.filter((directive) => booleanArgument(directive, 'resolvable') === false);
      if (last.length === 0) return definition;
      return {
        ...definition,
        directives: [...directives.filter((directive) => !last.includes(directive)), ...last],
      };
    }),
  },
});
