import type { DocumentNode } from 'graphql';
import {
  type AbstractTypes,
  abstractTypes,
  createTypeConditions,
  type TypeConditions,
} from '../execution/type-conditions.ts';
import { createResponseNames, plannedNames, type ResponseNames } from './response-names.ts';

/** What must be known of a supergraph where its planner is not. Plain data: it travels between threads. */
export interface SupergraphFacts {
  readonly plannedNames: ReadonlySet<string>;
  readonly abstractTypes: AbstractTypes;
}

export const factsOf = (supergraph: DocumentNode): SupergraphFacts => ({
  plannedNames: plannedNames(supergraph),
  abstractTypes: abstractTypes(supergraph),
});

export const fromFacts = (facts: SupergraphFacts): { names: ResponseNames; isOfType: TypeConditions } => ({
  names: createResponseNames(facts.plannedNames),
  isOfType: createTypeConditions(facts.abstractTypes),
});
