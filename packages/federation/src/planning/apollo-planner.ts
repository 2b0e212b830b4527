import { operationFromDocument, type Schema, Supergraph } from '@apollo/federation-internals';
import {
  QueryPlanner as Apollo,
  type PlanNode as ApolloNode,
  type QueryPlan as ApolloPlan,
} from '@apollo/query-planner';
import { type DocumentNode, GraphQLError } from 'graphql';
import type { Cured } from './cures/cure.ts';
import { cureAll } from './cures/cures.ts';
import type { FetchNode, PlanNode, QueryPlan, QueryPlanner } from './planner.ts';
import { createResponseNames, plannedNames, type ResponseNames } from './response-names.ts';

/**
 * Apollo's planner, its known faults cured from outside (cures/cures.ts).
 *
 * Making one is synchronous and takes tens of milliseconds with ten subgraphs.
 */
export class ApolloPlanner implements QueryPlanner {
  readonly names: ResponseNames;
  readonly #cured: Required<Cured>;
  readonly #apiSchema: Schema;
  readonly #planner: Apollo;

  constructor(supergraph: DocumentNode) {
    this.names = createResponseNames(plannedNames(supergraph));
    this.#cured = cureAll(supergraph);
    const planned = Supergraph.build(this.#cured.supergraph, { validateSupergraph: false });
    this.#apiSchema = planned.apiSchema();
    this.#planner = new Apollo(planned, { reuseQueryFragments: false });
  }

  plan(document: DocumentNode, operationName: string | undefined): QueryPlan {
    const operation = operationFromDocument(this.#apiSchema, this.#cured.operation(document), {
      ...(operationName !== undefined && { operationName }),
      validate: false,
    });
    const { node } = this.#planner.buildQueryPlan(operation);
    return { node: this.#cured.plan(node && toPlanNode(node), document) };
  }
}

function toPlanNode(node: NonNullable<ApolloPlan['node']>): PlanNode {
  switch (node.kind) {
    case 'Sequence':
    case 'Parallel':
      return { kind: node.kind, nodes: node.nodes.map(toPlanNode) };
    case 'Flatten':
      return { kind: 'Flatten', path: node.path, node: toPlanNode(node.node) };
    case 'Condition':
      return {
        kind: 'Condition',
        condition: node.condition,
        ...(node.ifClause && { ifClause: toPlanNode(node.ifClause) }),
        ...(node.elseClause && { elseClause: toPlanNode(node.elseClause) }),
      };
    case 'Fetch':
      return toFetchNode(node);
    default:
      throw new GraphQLError(`The gateway does not execute ${node.kind} plans.`, {
        extensions: { code: 'OPERATION_NOT_SUPPORTED' },
      });
  }
}

function toFetchNode(node: Extract<ApolloNode, { kind: 'Fetch' }>): FetchNode {
  return {
    kind: 'Fetch',
    serviceName: node.serviceName,
    operation: node.operation,
    operationKind: node.operationKind,
    ...(node.requires && { requires: node.requires }),
    ...(node.variableUsages && { variableUsages: node.variableUsages }),
    ...(node.operationName !== undefined && { operationName: node.operationName }),
    ...(node.inputRewrites && { inputRewrites: node.inputRewrites }),
    ...(node.outputRewrites && { outputRewrites: node.outputRewrites }),
  };
}
