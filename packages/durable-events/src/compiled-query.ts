import type { CompiledQuery, Kysely, QueryExecutor, QueryResult } from 'kysely';

/** Of one database. A caller who makes plugins anew for each query gets it compiled each time, and no leak. */
const VARIANTS = 16;

/** Where a value goes. */
class Slot {
  readonly name: PropertyKey;

  constructor(name: PropertyKey) {
    this.name = name;
  }
}

/** Runs in `db`, which may be a transaction. */
export type Query<DB, Values, Row> = (db: Kysely<DB>, values: Values) => Promise<QueryResult<Row>>;

/**
 * A query that is put together once for each database, and then run with other values: to put one together takes Kysely longer
 * than SQLite needs to run it.
 *
 * @param build answers the compiled query, with `value(name)` wherever a value goes; it may ask for nothing else of the values.
 */
export function compileOnce<DB, Values extends object, Row = unknown>(
  build: (
    db: Kysely<DB>,
    value: <Name extends keyof Values>(name: Name) => Values[Name],
  ) => CompiledQuery<Row>,
): Query<DB, Values, Row> {
  const known = new WeakMap<object, { readonly plugins: Plugins; readonly query: CompiledQuery<Row> }[]>();
  const compiled = (db: Kysely<DB>): CompiledQuery<Row> => {
    // A transaction has an executor of its own, and its database's adapter and plugins.
    const { adapter, plugins } = db.getExecutor();
    const ofAdapter = known.get(adapter) ?? [];
    const found = ofAdapter.find((entry) => areSame(entry.plugins, plugins));
    if (found) return found.query;
    const query = build(db, (name) => new Slot(name) as never);
    known.set(adapter, [...ofAdapter, { plugins, query }].slice(-VARIANTS));
    return query;
  };
  return (db, values) => {
    const query = compiled(db);
    const parameters = query.parameters.map((parameter) =>
      parameter instanceof Slot ? values[parameter.name as keyof Values] : parameter,
    );
    return db.executeQuery<Row>({ ...query, parameters });
  };
}

type Plugins = QueryExecutor['plugins'];

/** One that is in a schema of its own (`withSchema`) has a plugin more. */
const areSame = (one: Plugins, other: Plugins): boolean =>
  one.length === other.length && one.every((plugin, at) => plugin === other[at]);
