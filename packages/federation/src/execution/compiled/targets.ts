import { type DataMap, own, type ResponsePath } from '../values.ts';

/** Called with each object at a path, and with where it hangs, so that it can be exchanged for another. */
export type Arrive = (
  object: DataMap,
  holder: Record<string | number, unknown>,
  key: string | number,
) => void;

/** Walks to the objects at a Flatten path, in response order; the path of the way is not recorded. */
export function forEachTarget(data: DataMap, path: ResponsePath, arrive: Arrive): void {
  if (path.length === 0) arrive(data, { root: data }, 'root');
  else walk(data, path, 0, arrive);
}

function walk(value: object, path: ResponsePath, depth: number, arrive: Arrive): void {
  if (Array.isArray(value)) {
    const inside = path[depth] === '@' ? depth + 1 : depth;
    for (let index = 0; index < value.length; index++) step(value[index], value, index, path, inside, arrive);
    return;
  }
  const key = String(path[depth]);
  step(own(value as DataMap, key), value, key, path, depth + 1, arrive);
}

function step(
  value: unknown,
  holder: object,
  key: string | number,
  path: ResponsePath,
  depth: number,
  arrive: Arrive,
): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth < path.length || Array.isArray(value)) walk(value, path, depth, arrive);
  else arrive(value as DataMap, holder as Record<string | number, unknown>, key);
}
