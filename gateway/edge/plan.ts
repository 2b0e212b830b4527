import type { FederationGateway, GraphQLRequest } from 'moleculer-federation';

export interface PlanAnswer {
  readonly generation: number;
  /** Root node of the query plan; null when nothing needs fetching. */
  readonly plan?: unknown;
  readonly errors?: ReadonlyArray<{ readonly message: string; readonly extensions?: unknown }>;
}

/** The plan that the operation would run on, for people. Errors are in the answer, as a query's are. */
export async function planOf(
  { supergraph }: FederationGateway,
  { query, operationName, variables }: GraphQLRequest,
): Promise<PlanAnswer> {
  const { current } = supergraph;
  if (!current) return { generation: 0, errors: [{ message: 'No supergraph has been composed yet.' }] };
  const prepared = await current.operations.prepare(query, operationName);
  if ('errors' in prepared)
    return {
      generation: current.id,
      errors: prepared.errors.map(({ message, extensions }) => ({ message, extensions })),
    };
  return { generation: current.id, plan: (await prepared.plan(variables ?? {})).node ?? null };
}
