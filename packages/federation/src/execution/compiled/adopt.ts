import { mergeInto } from '../merge.ts';
import { type DataMap, isMap } from '../values.ts';

/**
 * Like `mergeInto`, but what the target does not have yet is taken over, not copied: the answer must be nobody
 * else's, and is not to be used afterwards.
 */
export function adopt(target: DataMap, answer: DataMap): void {
  for (const key of Object.keys(answer)) {
    if (key === '__proto__') continue;
    const incoming = answer[key];
    const present = Object.hasOwn(target, key) ? target[key] : undefined;
    if (present === undefined || present === null) target[key] = incoming ?? null;
    else if (isMap(incoming) && isMap(present)) adopt(present, incoming);
    // Lists meet item by item, rarely: the plain merge knows how.
    else if (incoming !== undefined && incoming !== null) mergeInto(target, { [key]: incoming });
  }
}
