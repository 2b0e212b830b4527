/**
 * A random API and the way it is cut into subgraphs, as plain data: what a field's value is (world-data.ts) depends on
 * the API alone, never on the cut, so one schema in one piece must answer the same.
 */
export interface World {
  readonly seed: number;
  readonly subgraphs: readonly string[];
  readonly objects: ObjectType[];
  readonly abstracts: AbstractType[];
}

export interface ObjectType {
  readonly name: string;
  /** `root` for Query and Mutation. A `value` has all its fields in each subgraph that knows it. */
  readonly kind: 'root' | 'entity' | 'value';
  readonly fields: Field[];
  /** The subgraphs that define it, each with its keys. */
  readonly keys: Record<string, string[]>;
  /** Subgraphs that name the entity but do not resolve it. */
  readonly unresolvable: string[];
  /** Set for an entity that is an interface in one subgraph, its home, and an `@interfaceObject` in the others. */
  readonly family?: Family;
  /** For a type that implements such an interface, which only the home of the family knows: the interface's name. */
  readonly memberOf?: string;
}

export interface Family {
  readonly home: string;
  /** The `n`-th object is of the type `members[n % members.length]`. */
  readonly members: readonly string[];
}

export interface AbstractType {
  readonly name: string;
  readonly kind: 'interface' | 'union';
  /** The members that each subgraph knows of; not all know all. */
  readonly members: Record<string, string[]>;
  /** Fields of an interface, by subgraph; `id` is always one. */
  readonly fields: Record<string, string[]>;
}

export interface Field {
  readonly name: string;
  /** In SDL: `[[T1!]]!`. */
  type: string;
  readonly args: readonly Argument[];
  /** Subgraphs that resolve it. */
  in: string[];
  /** Subgraphs that only mention it, as `@external`. */
  readonly external: string[];
  readonly requires?: readonly Use[];
  /** Field names that are provided with what this returns, by subgraph. */
  readonly provides: Record<string, string>;
  /** The subgraph it was taken from by `@override`; there it must never be asked for. */
  overrides?: string;
  /** `@shareable` though in one subgraph only, because another provides it. */
  shared?: boolean;
  inaccessible?: boolean;
  /** Never throws, because a key or a requirement rests on it: what then is missing is no longer the schema's to say. */
  safe: boolean;
}

export interface Argument {
  readonly name: string;
  readonly type: string;
  /** In SDL, which here is JSON too. */
  readonly default?: string;
}

/** A field inside a field set. */
export interface Use {
  readonly name: string;
  readonly args: Readonly<Record<string, number>>;
  readonly of?: readonly Use[];
}

export const namedType = (type: string): string => type.replace(/[[\]!]/g, '');

export const objectType = (world: World, name: string): ObjectType | undefined =>
  world.objects.find((type) => type.name === name);

export const abstractType = (world: World, name: string): AbstractType | undefined =>
  world.abstracts.find((type) => type.name === name);

export const fieldOf = (type: ObjectType, name: string): Field | undefined =>
  type.fields.find((field) => field.name === name);

export const isKeyField = (type: ObjectType, subgraph: string, field: string): boolean =>
  (type.keys[subgraph] ?? []).some((key) => key.split(/[\s{}]+/).includes(field));

/** Is the field's value to be had from this subgraph itself? */
export const isIn = (type: ObjectType, field: Field, subgraph: string): boolean =>
  type.kind === 'value'
    ? subgraph in type.keys
    : field.in.includes(subgraph) || isKeyField(type, subgraph, field.name);
