import type { TextAnswer } from './engine.ts';
import { GARBAGE } from './faults.ts';

const NOT_NULL = ', which is not null';

type Path = ReadonlyArray<string | number>;

/**
 * What tells two answers apart, undefined when nothing does. Data is compared as text, for the order of keys counts
 * too; errors by the nulls of the answer that they account for. Below one null the errors may differ: graphql-js stops
 * at the first, while subgraphs go on beside each other.
 *
 * @param overfetched objects may have been asked for fields that the client wants of others only: an error of theirs is
 * placed at the object, which is not null.
 */
export function difference(
  actual: TextAnswer,
  expected: TextAnswer,
  { overfetched = false } = {},
): string | undefined {
  if (actual.data !== expected.data)
    return `data: ${actual.data}\ninstead of: ${expected.data}\n(${JSON.stringify(actual.errors)})`;
  if (actual.errors.length + expected.errors.length === 0) return undefined;
  const [nulls, nullsWanted] = [failedPlaces(actual, overfetched), failedPlaces(expected)];
  if (nulls !== nullsWanted)
    return `errors: ${nulls}\ninstead of: ${nullsWanted}\n(${JSON.stringify(actual.errors)})`;
  return undefined;
}

function failedPlaces({ data: text, errors }: TextAnswer, overfetched = false): string {
  const data = dataOf(text);
  const places = new Set(errors.map(({ path }) => (path ? nullAbove(data, path) : 'nowhere')));
  return [...places]
    .filter((place) => !overfetched || !place.endsWith(NOT_NULL))
    .sort()
    .join(' ');
}

function nullAbove(data: unknown, path: Path): string {
  let value = data;
  for (const [depth, step] of path.entries()) {
    if (value === null) return path.slice(0, depth).join('.');
    value = (value as Record<string | number, unknown>)[step];
  }
  return value === null ? path.join('.') : `${path.join('.')}${NOT_NULL}`;
}

export interface Allowances {
  /** Subgraphs gave nulls without a reason: such a null has no error. */
  readonly silent?: boolean;
  /** Subgraphs told each other wrong values, by way of `@requires`. */
  readonly misled?: boolean;
}

/**
 * What an answer says that is not so when some fetches failed: a value that is not the true one, or a null that
 * should be a value and has no error at, above or below the object it is in: what a requirement failed by is a field
 * beside the one that required it.
 */
export function untruth(
  { data, errors }: TextAnswer,
  expected: TextAnswer,
  { silent = false, misled = false }: Allowances = {},
): string | undefined {
  const unexplained = (path: Path): boolean => {
    const place = path.slice(0, -1);
    return !errors.some(
      (error) => startsWith(place, error.path ?? []) || startsWith(error.path ?? [], place),
    );
  };

  const compare = (actual: unknown, wanted: unknown, path: Path): string | undefined => {
    // Where the whole schema met an error that a failed fetch never came to, null is expected.
    if (wanted === null) return undefined;
    if (actual === null || actual === undefined)
      return !silent && unexplained(path) ? `${path.join('.')} is null and no error says why` : undefined;
    // A custom scalar may be anything; what is computed out of a wrong value is as wrong.
    if (JSON.stringify(actual).includes(GARBAGE)) return undefined;
    if (misled && typeof actual === 'string' && actual.startsWith('needs')) return undefined;
    if (typeof actual !== 'object')
      return actual === wanted ? undefined : `${path.join('.')} is ${actual}, not ${wanted}`;
    const keys = Object.keys(actual);
    if (typeof wanted !== 'object' || keys.join() !== Object.keys(wanted as object).join())
      return `${path.join('.')} is of another shape: ${keys}`;
    for (const key of keys) {
      const below = compare((actual as Answered)[key], (wanted as Answered)[key], [
        ...path,
        Array.isArray(actual) ? Number(key) : key,
      ]);
      if (below !== undefined) return below;
    }
    return undefined;
  };
  return compare(dataOf(data), dataOf(expected.data), []);
}

const dataOf = (text: string | undefined): unknown => (text === undefined ? null : JSON.parse(text));

type Answered = Record<string, unknown>;

const startsWith = (path: Path, start: Path): boolean => start.every((step, index) => path[index] === step);
