import { parse } from 'graphql';
import { ApolloPlanner } from './apollo-planner.ts';
import type { QueryPlanner } from './planner.ts';
import { factsOf, type SupergraphFacts } from './supergraph-facts.ts';

/** Synchronous, and slow: 300 ms with fifty subgraphs. */
export function openPlanner(supergraphSdl: string): {
  readonly planner: QueryPlanner;
  readonly facts: SupergraphFacts;
} {
  const supergraph = parse(supergraphSdl, { noLocation: true });
  return { planner: new ApolloPlanner(supergraph), facts: factsOf(supergraph) };
}
