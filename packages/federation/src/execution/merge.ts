import { type DataMap, isMap } from './values.ts';

/** Levels of one answer. Operations end far above; only a custom scalar's value could go on until the stack is full. */
const MAX_DEPTH = 1_000;

/**
 * Merges an answer into the data gathered so far. What is merged is copied: one answer may go to several places that
 * later fetches fill differently, and an answer of a subgraph in this very process may still be its own object.
 *
 * Null never replaces a value: when two subgraphs share a field and one fails, the other's part stays.
 *
 * @throws Error when the source is nested too deep to be written as JSON.
 */
export function mergeInto(target: DataMap, source: DataMap, depth = 0): void {
  for (const key of Object.keys(source)) {
    // JSON.parse makes an own property of "__proto__"; assigning it would set the prototype.
    if (key === '__proto__') continue;
    target[key] = merged(Object.hasOwn(target, key) ? target[key] : undefined, source[key], depth + 1);
  }
}

function merged(present: unknown, incoming: unknown, depth: number): unknown {
  if (depth > MAX_DEPTH) throw new Error(`an answer of more than ${MAX_DEPTH} levels`);
  if (incoming === undefined || incoming === null) return present ?? null;
  if (isMap(incoming)) {
    const target: DataMap = isMap(present) ? present : {};
    mergeInto(target, incoming, depth);
    return target;
  }
  if (Array.isArray(incoming)) {
    const items: unknown[] = Array.isArray(present) && present.length === incoming.length ? present : [];
    for (const [index, item] of incoming.entries()) items[index] = merged(items[index], item, depth + 1);
    return items;
  }
  return incoming;
}
