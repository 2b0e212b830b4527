export { createFederationGateway, type FederationGatewayOptions } from './create-gateway.ts';
export { type ErrorEntry, type FederationErrorCode, federationErrors } from './errors.ts';
export type { TextResult } from './execution/execute-operation.ts';
export type { FederationGateway, GraphQLRequest } from './gateway.ts';
export type { Logger } from './logger.ts';
export { defaultLimits, type OperationLimits } from './operation/limits.ts';
export type { PlannedSupergraph, Planning, QueryPlan, QueryPlanner } from './planning/planner.ts';
export { fromAction } from './subgraph/from-action.ts';
export type { HttpOptions } from './subgraph/http-endpoint.ts';
export type { BatchReferenceResolver, ReferenceResolvers } from './subgraph/references.ts';
export type { BatchMatch, ResolverContext, SubgraphMeta } from './subgraph/resolver-context.ts';
export type { FieldResolver, ReferenceResolver, Representation, ResolverMap } from './subgraph/resolvers.ts';
export { Subgraph, type SubgraphOptions } from './subgraph/subgraph.ts';
export { FileSource } from './supergraph/file-source.ts';
export type { ComposedSupergraph, Generation } from './supergraph/generation.ts';
export { RegistrySource } from './supergraph/registry-source.ts';
export { FileSnapshot, type SupergraphSnapshot } from './supergraph/snapshot.ts';
export type { RefusedSubgraph, SubgraphStatus, SupergraphStatus } from './supergraph/status.ts';
export type {
  SubgraphDefinition,
  SubgraphRoute,
  SubgraphSighting,
  SubgraphSource,
} from './supergraph/subgraph.ts';
export type { SupergraphManager } from './supergraph/supergraph-manager.ts';
export { BrokerTransport } from './transport/broker-transport.ts';
export { HttpTransport, type HttpTransportOptions } from './transport/http-transport.ts';
export { SubgraphFetchError } from './transport/subgraph-fetch-error.ts';
export type { FetchContext, SubgraphTransport } from './transport/transport.ts';
