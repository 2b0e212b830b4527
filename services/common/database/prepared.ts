/** Queries put together once and run many times: Kysely builds and prints a query anew at each use, which costs more than SQLite needs to run it. */
import type { Compilable, CompiledQuery, Kysely } from 'kysely';

/** Runs a prepared query on `db` or on a transaction of it. @returns its rows. */
export type Prepared<Tables, Values, Row> = (on: Kysely<Tables>, values: Values) => Promise<Row[]>;

/** A query is kept for each length of its lists. Those of longer ones are not: a client may choose the length, and could fill the memory. */
const LONGEST = 100;

/**
 * @param db what the query will run on, or a transaction of it.
 * @param build puts the query together, once for each length of the lists in `Values`. It gets placeholders in the values' places: to
 *   hand on, and not to look at. Only an array's length and its `map` are real.
 * @returns a query of which only the values change. `Values` is an object of values, of lists of values, or of lists of flat objects.
 */
export function prepared<Tables, Values extends object, Row>(
  db: Kysely<Tables>,
  build: (db: Kysely<Tables>, values: Values) => Compilable<Row>,
): Prepared<Tables, Values, Row> {
  const shapes = new Map<string, CompiledQuery<Row>>();
  return async (on, values) => {
    const shape = shapeOf(values);
    let query = shape === undefined ? undefined : shapes.get(shape);
    if (!query) {
      query = build(db, placeholders(values) as Values).compile();
      if (shape !== undefined) shapes.set(shape, query);
    }
    const parameters = query.parameters.map((each) => (each instanceof Placeholder ? each.of(values) : each));
    const { sql, query: node, queryId } = query;
    const bound: CompiledQuery<Row> = { sql, parameters, query: node, queryId };
    // What `executeQuery` does, without its rounds of the microtask queue; no plugin here changes results.
    const { rows } = await on
      .getExecutor()
      .provideConnection((connection) => connection.executeQuery<Row>(bound));
    return rows;
  };
}

/** Stands in a query for a value that is yet to come. */
class Placeholder {
  readonly #path: readonly (string | number)[];

  constructor(path: readonly (string | number)[]) {
    this.#path = path;
  }

  of(values: object): unknown {
    let found: unknown = values;
    for (const step of this.#path) found = (found as Record<string | number, unknown>)[step];
    return found;
  }

  [Symbol.toPrimitive](): never {
    throw new TypeError('a prepared query must not depend on its values');
  }
}

function placeholders(value: unknown, path: readonly (string | number)[] = []): unknown {
  if (Array.isArray(value)) return value.map((each, index) => placeholders(each, [...path, index]));
  if (typeof value !== 'object' || value === null) return new Placeholder(path);
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, placeholders(each, [...path, name])]),
  );
}

/** Queries are alike where the lists are of the same lengths. @returns undefined: too long to be kept. */
function shapeOf(values: object): string | undefined {
  let shape = '';
  for (const [name, each] of Object.entries(values)) {
    if (!Array.isArray(each)) continue;
    if (each.length > LONGEST) return undefined;
    shape += `${name} ${each.length} `;
  }
  return shape;
}
