import { MAX_DEPTH, mergeInto, tooDeep } from '../merge.ts';
import { type DataMap, isMap } from '../values.ts';

/**
 * Like `mergeInto`, but what the target does not have yet is taken over, not copied: the answer must be nobody
 * else's, and is not to be used afterwards.
 *
 * @throws Error when the answer is nested too deep to be written as JSON.
 */
export function adopt(target: DataMap, answer: DataMap, depth = 0): void {
  for (const key of Object.keys(answer)) {
    if (key === '__proto__') continue;
    const incoming = answer[key];
    const present = Object.hasOwn(target, key) ? target[key] : undefined;
    if (present === undefined || present === null) target[key] = safe(incoming, depth + 1) ?? null;
    else if (isMap(incoming) && isMap(present)) adopt(present, incoming, depth + 1);
    // Lists meet item by item, rarely: the plain merge knows how.
    else if (incoming !== undefined && incoming !== null) mergeInto(target, { [key]: incoming });
  }
}

/** As `mergeInto` would have copied it: no level too many, no key that sets a prototype. */
function safe(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) throw tooDeep();
  if (Array.isArray(value)) for (const item of value) safe(item, depth + 1);
  else
    for (const key in value) {
      if (key === '__proto__') delete (value as DataMap)[key];
      else safe((value as DataMap)[key], depth + 1);
    }
  return value;
}
