import type { BatchReferenceResolver } from './references.ts';
import { type BatchMatch, batchMatch, callBatch } from './resolver-context.ts';

/**
 * Reference resolver out of an action that takes a list of keys and answers the items it knows, in any order:
 * `Product: fromAction('products.byIds', { ids: 'id' })`. The representation's further fields (`@requires`) are put
 * onto the item, for the resolvers that need them.
 */
export function fromAction(action: string, match: BatchMatch): BatchReferenceResolver {
  const [, property] = batchMatch(match);
  return async (references, { ctx }) => {
    const known = references.filter((reference) => reference[property] != null);
    const items = await callBatch(
      ctx,
      action,
      match,
      known.map((reference) => reference[property]),
    );
    const found = new Map(known.map((reference, index) => [reference, items[index]]));
    return references.map((reference) => {
      if (!found.has(reference))
        return new Error(
          `${action} looks up by '${property}', which a ${reference.__typename} came without.`,
        );
      const item = found.get(reference);
      const { __typename, [property]: _key, ...required } = reference;
      return item && Object.keys(required).length > 0 ? { ...item, ...required } : item;
    });
  };
}
