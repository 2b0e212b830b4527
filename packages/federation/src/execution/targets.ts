import { type DataMap, isMap, own, type ResponsePath } from './values.ts';

/** An object in the gathered data that a fetch reads from and merges into, and where it stands (internal names). */
export interface Target {
  readonly value: DataMap;
  readonly path: ResponsePath;
}

/** The objects at a Flatten path below each target, in response order. Holes are skipped, indices stay true. */
export function targetsAt(from: readonly Target[], path: ResponsePath): readonly Target[] {
  const found: Target[] = [];
  for (const target of from) collect(target.value, target.path, path, 0, found);
  return found;
}

function collect(value: unknown, at: ResponsePath, path: ResponsePath, depth: number, found: Target[]): void {
  if (Array.isArray(value)) {
    const inside = path[depth] === '@' ? depth + 1 : depth;
    for (const [index, item] of value.entries()) collect(item, [...at, index], path, inside, found);
  } else if (isMap(value)) {
    const step = path[depth];
    if (step === undefined) found.push({ value, path: at });
    else collect(own(value, String(step)), [...at, step], path, depth + 1, found);
  }
}
