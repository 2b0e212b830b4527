import type { DataMap, ResponsePath } from '../values.ts';
import type { Represent } from './represent.ts';
import { forEachTarget } from './targets.ts';

/** Marks an object that hangs in several places of the data. Projection keeps its text here, one selection's at a time. */
export const SHARED = Symbol('shared');

export interface SharedText {
  selection: unknown;
  text: string;
}

export type Shareable = DataMap & { [SHARED]?: SharedText };

/**
 * Collects the objects at a path, and lets equal ones become one object in the data. Equal are those of which nothing
 * is known but `__typename` and one scalar key: whatever is fetched for one is true of all, is merged once, and is
 * written once.
 */
export function unifyInto(
  data: DataMap,
  path: ResponsePath,
  represent: Represent,
  repeats: boolean,
): readonly DataMap[] {
  const found: DataMap[] = [];
  /** Type → key → the object that stands for all. */
  const byType = new Map<unknown, Map<unknown, Shareable>>();
  let lastType: unknown;
  let byKey: Map<unknown, Shareable> | undefined;
  let name: string | undefined;
  let again = repeats;
  forEachTarget(data, path, (object: Shareable, holder, key) => {
    if (object[SHARED]) {
      again = true;
      found.push(object);
      return;
    }
    const type = object.__typename;
    if (byKey === undefined || type !== lastType) {
      const { names } = represent(type);
      name = names?.length === 1 ? names[0] : undefined;
      lastType = type;
      byKey = byType.get(type) ?? new Map();
      byType.set(type, byKey);
    }
    const id = name === undefined || !hasTwoKeys(object) ? undefined : object[name];
    if (typeof id !== 'string' && typeof id !== 'number') {
      found.push(object);
      return;
    }
    const same = byKey.get(id);
    if (same) {
      holder[key] = same;
      same[SHARED] ??= { selection: undefined, text: '' };
    } else {
      byKey.set(id, object);
      found.push(object);
    }
  });
  return again ? [...new Set(found)] : found;
}

function hasTwoKeys(object: object): boolean {
  let count = 0;
  for (const _ in object) if (++count > 2) return false;
  return count === 2;
}
