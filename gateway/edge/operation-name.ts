/** Names of operations as labels: clients choose them, so both their form and their number must be bounded. */
import type { GraphQLRequest } from 'moleculer-federation';

const NAME = /^[_A-Za-z]\w{0,79}$/;
const FIRST_DEFINITION = /^(?:\s|,|#[^\n]*\n)*(?:query|mutation|subscription)\s+([_A-Za-z]\w*)/;

/** The operation's name, undefined for an anonymous one. A label, not a resolution: the document is not parsed. */
export function operationName({ query, operationName }: GraphQLRequest): string | undefined {
  const name = operationName ?? FIRST_DEFINITION.exec(query.slice(0, 1_000))?.[1];
  return name !== undefined && NAME.test(name) ? name : undefined;
}

/** Keeps the first `limit` names it sees; the rest is `other`. One time series per name would be a way to flood us. */
export function createNameBound(limit: number): (name: string | undefined) => string {
  const known = new Set<string>();
  return (name) => {
    if (name === undefined) return 'anonymous';
    if (known.has(name)) return name;
    if (known.size >= limit) return 'other';
    known.add(name);
    return name;
  };
}
