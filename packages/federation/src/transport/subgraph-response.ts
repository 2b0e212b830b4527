import type { SubgraphResponse } from '../protocol.ts';
import { SubgraphFetchError } from './subgraph-fetch-error.ts';

/**
 * Takes what a subgraph answered for a GraphQL response map (GraphQL specification §7.1).
 *
 * @throws SubgraphFetchError SUBGRAPH_INVALID_RESPONSE for anything else: a subgraph is another program, perhaps
 * another team's, and what reads its answers trusts these shapes.
 */
export function toSubgraphResponse(value: unknown, service: string): SubgraphResponse {
  const refuse = (why: string): never => {
    throw new SubgraphFetchError('SUBGRAPH_INVALID_RESPONSE', service, new Error(why));
  };
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return refuse('not a GraphQL response map');
  const { data, errors } = value as { data?: unknown; errors?: unknown };
  if (data === undefined && errors === undefined) return refuse('neither data nor errors');
  if (data !== undefined && data !== null && (typeof data !== 'object' || Array.isArray(data)))
    return refuse('data is not a map');
  if (errors !== undefined && errors !== null) {
    if (!Array.isArray(errors)) return refuse('errors is not a list');
    if (!errors.every((error) => typeof error === 'object' && error !== null))
      return refuse('an error is not a map');
  }
  if (data === null && (!Array.isArray(errors) || errors.length === 0))
    return refuse('no data, and no error says why');
  return value;
}

/** Takes the text of an answer. @throws SubgraphFetchError SUBGRAPH_INVALID_RESPONSE */
export function parseSubgraphResponse(text: string, service: string): SubgraphResponse {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // JSON.parse quotes the text in its message.
    throw new SubgraphFetchError('SUBGRAPH_INVALID_RESPONSE', service, new Error('not JSON'));
  }
  return toSubgraphResponse(value, service);
}
