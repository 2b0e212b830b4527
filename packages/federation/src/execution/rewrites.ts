import type { DataRewrite } from '../planning/planner.ts';
import type { TypeConditions } from './type-conditions.ts';
import { type DataMap, isMap, own } from './values.ts';

const FRAGMENT = '... on ';

/** Applies a fetch's rewrites in place, in order. An object without `__typename` meets every type condition. */
export function applyRewrites(
  rewrites: readonly DataRewrite[] | undefined,
  value: unknown,
  isOfType: TypeConditions,
): void {
  for (const rewrite of rewrites ?? []) applyAt(rewrite.path, 0, rewrite, value, isOfType);
}

function applyAt(
  path: readonly string[],
  at: number,
  rewrite: DataRewrite,
  value: unknown,
  isOfType: TypeConditions,
): void {
  if (Array.isArray(value)) {
    for (const item of value) applyAt(path, at, rewrite, item, isOfType);
    return;
  }
  const step = path[at];
  if (!isMap(value) || step === undefined) return;
  if (step.startsWith(FRAGMENT)) {
    const typename = own(value, '__typename');
    if (typeof typename === 'string' && !isOfType(typename, step.slice(FRAGMENT.length))) return;
    applyAt(path, at + 1, rewrite, value, isOfType);
  } else if (at < path.length - 1) {
    applyAt(path, at + 1, rewrite, own(value, step), isOfType);
  } else {
    rewriteKey(value, step, rewrite);
  }
}

function rewriteKey(map: DataMap, key: string, rewrite: DataRewrite): void {
  if (rewrite.kind === 'ValueSetter') {
    map[key] = rewrite.setValueTo;
  } else if (Object.hasOwn(map, key)) {
    map[rewrite.renameKeyTo] = map[key];
    delete map[key];
  }
}
