import {
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isUnionType,
} from 'graphql';
import { createRandom, type Random } from './random.ts';

export interface RandomOperation {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Names that keys, requirements, the planner and every object have too: an alias must be able to spell them. */
const ALIASES = [
  'id',
  'code',
  'at',
  'x',
  'f0',
  'f1',
  'needs0',
  'label',
  'y',
  'z',
  '_alias_id',
  'f0__alias_0',
  'toString',
  '__proto__',
  '__typename',
];

const VARIABLES: Record<string, readonly [type: string, ...values: unknown[]]> = {
  yes: ['Boolean!', true],
  may: ['Boolean!', true, false],
  no: ['Boolean = false'],
  x: ['Int', null, 1, 2],
  y: ['Int = 2', 5],
  c: ['Colour', 'RED', null],
  in: ['In', { a: 1 }, { b: 'BLUE', c: [{ a: null }, {}] }, { any: { deep: [1, null] } }],
  ids: ['[ID!]', ['1', '2'], 'one', [7]],
  id: ['ID!', '1', 2],
};

const LITERALS: Record<string, readonly string[]> = {
  x: ['1', '2', 'null', '$x', '$y'],
  c: ['RED', '$c'],
  in: ['{}', '{ a: $x, c: [{ b: $c }] }', '{ any: { k: [1, "two", RED, null] } }', '$in'],
  ids: ['[]', '"1"', '[$id, 3]', '$ids'],
};

const CONDITIONS = [
  '@skip(if: $yes)',
  '@skip(if: $no)',
  '@skip(if: $may)',
  '@include(if: $no)',
  '@include(if: $may)',
  '@include(if: true)',
  '@include(if: $yes) @skip(if: $may)',
];

/** Fields of an operation, about. Most are small: planning takes time that grows faster than they do. */
const SIZES = [5, 8, 12, 30];

/** Some are not valid: aliases and arguments may clash. */
export function randomOperation(schema: GraphQLSchema, seed: number): RandomOperation {
  const random = createRandom(seed);
  const mutation = schema.getMutationType();
  const isMutation = mutation && random.chance(10);
  const writer = new OperationWriter(schema, random);
  const body = writer.selectionSet(isMutation ? mutation : schema.getQueryType()!, 1 + random.int(4));
  const text = [body, ...writer.fragments].join('\n');
  const used = Object.keys(VARIABLES).filter((name) => new RegExp(`\\$${name}\\b`).test(text));
  const declared = used.map((name) => `$${name}: ${VARIABLES[name]![0]}`).join(', ');
  const kind = isMutation ? 'mutation' : 'query';
  const query = `${kind} ${declared && `(${declared}) `}${text}`;
  return { query, variables: randomVariables(query, seed) };
}

/** Values for the variables that a random operation declares. */
export function randomVariables(query: string, seed: number): RandomOperation['variables'] {
  const random = createRandom(seed);
  const variables: Record<string, unknown> = {};
  for (const [name, [type, ...values]] of Object.entries(VARIABLES)) {
    if (!query.includes(`$${name}: `) || values.length === 0) continue;
    if (type.endsWith('!') || random.chance(70)) variables[name] = random.pick(values);
  }
  return variables;
}

class OperationWriter {
  readonly fragments: string[] = [];
  readonly #spreads: Array<{
    readonly on: GraphQLCompositeType;
    readonly name: string;
    readonly depth: number;
  }> = [];
  readonly #schema: GraphQLSchema;
  readonly #random: Random;
  readonly #meanings = new Map<string, string>();
  #names = 0;
  #left: number;

  constructor(schema: GraphQLSchema, random: Random) {
    this.#schema = schema;
    this.#random = random;
    this.#left = random.pick(SIZES);
  }

  selectionSet(type: GraphQLCompositeType, depth: number): string {
    const count = 1 + this.#random.int(4);
    return `{ ${Array.from({ length: count }, () => this.#selection(type, depth)).join(' ')} }`;
  }

  #selection(type: GraphQLCompositeType, depth: number): string {
    const random = this.#random;
    this.#left--;
    if (
      this.#left > 0 &&
      (isUnionType(type) ? random.chance(85) : isAbstractType(type) ? random.chance(50) : random.chance(10))
    )
      return this.#fragment(type, depth);
    const candidates = isUnionType(type)
      ? []
      : Object.values(type.getFields()).filter(
          (field) => (depth > 1 && this.#left > 0) || !isCompositeType(getNamedType(field.type)),
        );
    // Going down while it may: leaves alone would ask one subgraph only.
    const composite = candidates.filter((field) => isCompositeType(getNamedType(field.type)));
    if (candidates.length === 0 || random.chance(6)) return '__typename';
    return this.#field(
      type,
      random.pick(composite.length > 0 && random.chance(50) ? composite : candidates),
      depth,
    );
  }

  #field(parent: GraphQLCompositeType, field: GraphQLField<unknown, unknown>, depth: number): string {
    const named = getNamedType(field.type);
    const inner = isCompositeType(named) ? ` ${this.selectionSet(named, depth - 1)}` : '';
    return `${this.#named(parent, field)}${this.#condition()}${inner}`;
  }

  /** `alias: name(arguments)`, where the name is free or stands for the same already. */
  #named(parent: GraphQLCompositeType, field: GraphQLField<unknown, unknown>): string {
    const call = `${field.name}${this.#arguments(field.args)}`;
    const meaning = `${call} ${field.type}`;
    const wanted = this.#random.chance(22) ? this.#random.pick(ALIASES) : field.name;
    for (const name of [wanted, field.name, `${field.name}_${parent.name}`, `z${this.#meanings.size}`]) {
      const taken = this.#meanings.get(name);
      if (taken !== undefined && taken !== meaning) continue;
      this.#meanings.set(name, meaning);
      return name === field.name ? call : `${name}: ${call}`;
    }
    return '__typename';
  }

  #arguments(args: readonly GraphQLArgument[]): string {
    const given = args
      .filter(() => this.#random.chance(70))
      .map(({ name }) => `${name}: ${this.#random.pick(LITERALS[name]!)}`);
    return given.length > 0 ? `(${given.join(', ')})` : '';
  }

  #fragment(type: GraphQLCompositeType, depth: number): string {
    const random = this.#random;
    const known = this.#spreads.filter((spread) => spread.on === type && spread.depth <= depth);
    if (known.length > 0 && random.chance(50)) return `...${random.pick(known).name}${this.#condition()}`;
    const condition = this.#typeCondition(type);
    if (random.chance(25)) {
      const name = `F${this.#names++}`;
      this.fragments.push(`fragment ${name} on ${condition.name} ${this.selectionSet(condition, depth)}`);
      this.#spreads.push({ on: type, name, depth });
      return `...${name}${this.#condition()}`;
    }
    const on = condition === type && random.chance(50) ? '' : ` on ${condition.name}`;
    return `...${on}${this.#condition()} ${this.selectionSet(condition, depth)}`;
  }

  /** The type itself, one of its members, or an interface that shares some. */
  #typeCondition(type: GraphQLCompositeType): GraphQLCompositeType {
    if (this.#random.chance(15)) return type;
    if (isAbstractType(type)) return this.#random.pick(this.#schema.getPossibleTypes(type));
    const interfaces = isUnionType(type) ? [] : type.getInterfaces();
    return interfaces.length > 0 ? this.#random.pick(interfaces) : type;
  }

  #condition(): string {
    return this.#random.chance(12) ? ` ${this.#random.pick(CONDITIONS)}` : '';
  }
}
