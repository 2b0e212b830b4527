import { type GraphQLFieldResolver, parseType, type TypeNode } from 'graphql';
import type { LocalSubgraph } from '../../support/federate.ts';
import { createRandom, type Random, seedOf } from './random.ts';
import {
  abstractType,
  type Family,
  type Field,
  fieldOf,
  namedType,
  type ObjectType,
  objectType,
  type Use,
  type World,
} from './world.ts';
import { printSubgraph } from './world-sdl.ts';

/** An object is its type and a number; each of its fields is a function of these, the field's arguments and the seed. */
interface Instance extends Record<string, unknown> {
  readonly __typename: string;
  readonly n: number;
}

type Args = Readonly<Record<string, unknown>>;

const INSTANCES = 4;
const isInstance = (value: unknown): value is Instance =>
  typeof value === 'object' && value !== null && 'n' in value;

const typeNodes = new Map<string, TypeNode>();
function typeNode(type: string): TypeNode {
  const node = typeNodes.get(type) ?? parseType(type, { noLocation: true });
  typeNodes.set(type, node);
  return node;
}

/** What else the data of one operation depends on. */
export interface Run {
  /** Which of the world's many sets of data. */
  data: number;
  /** Mutations so far: their order is part of what they answer. */
  mutations: number;
}

/** @throws Error now and then, where the field may. */
export function fieldValue(
  world: World,
  type: ObjectType,
  n: number,
  field: Field,
  args: Args,
  run: Run,
): unknown {
  if (field.name === 'id') return `${type.memberOf ?? type.name}-${n}`;
  if (field.name === 'code') return `c-${n}`;
  if (field.name === 'at') return { __typename: 'V0', n };
  if (type.kind === 'value' && field.name === 'x') return n;
  if (field.requires) {
    const known = required(
      world,
      type,
      field.requires,
      (use, used) => fieldValue(world, type, n, used, argsOf(used, use.args), run),
      run,
    );
    return needs(field, known, args);
  }
  const time = type.name === 'Mutation' ? run.mutations++ : 0;
  const text = `${type.name}-${n}.${field.name}${JSON.stringify(args)}${time}`;
  const random = createRandom(seedOf(`${world.seed} ${run.data} ${text}`));
  if (!field.safe && random.chance(4)) throw new Error(`no ${field.name}`);
  return generate(world, typeNode(field.type), field, random, text);
}

function generate(world: World, node: TypeNode, field: Field, random: Random, text: string): unknown {
  const nullable = node.kind !== 'NonNullType';
  // Now and then null where it must not be.
  if (nullable ? random.chance(15) : !field.safe && random.chance(2)) return null;
  const type = nullable ? node : node.type;
  if (type.kind === 'NamedType') return generateNamed(world, type.name.value, field, random, text);
  return Array.from({ length: random.int(4) }, (_, index) =>
    generate(world, type.type, field, random, `${text}[${index}]`),
  );
}

function generateNamed(world: World, name: string, field: Field, random: Random, text: string): unknown {
  switch (name) {
    case 'Int':
      return random.int(100);
    case 'Float':
      return random.int(100) / 4;
    case 'Boolean':
      return random.chance(50);
    case 'Colour':
      return random.pick(['RED', 'GREEN', 'BLUE']);
    case 'Any':
      return random.pick([
        0,
        '',
        false,
        [null, 1],
        { n: null, id: 'no id', deep: [{ __typename: 'Nobody' }] },
        [],
      ]);
    case 'String':
    case 'ID':
      return text;
  }
  const family = objectType(world, name)?.family;
  if (family) return ofFamily(family, random.int(INSTANCES));
  const abstract = abstractType(world, name);
  if (!abstract) return { __typename: name, n: random.int(INSTANCES) };
  const members = field.in.map((subgraph) => abstract.members[subgraph]!);
  const common = members[0]!.filter((member) => members.every((others) => others.includes(member)));
  return { __typename: random.pick(common), n: random.int(INSTANCES) };
}

const ofFamily = ({ members }: Family, n: number): Instance => ({
  __typename: members[n % members.length]!,
  n,
});

/** What `@requires` asks for, read by `read` at the first level and below it out of instances or plain objects. */
function required(
  world: World,
  type: ObjectType,
  uses: readonly Use[],
  read: (use: Use, field: Field) => unknown,
  run: Run,
): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const use of uses) {
    const field = fieldOf(type, use.name)!;
    const inner = objectType(world, namedType(field.type));
    const dig = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(dig);
      if (value === null || value === undefined || !inner || !use.of) return value;
      return required(
        world,
        inner,
        use.of,
        (innerUse, innerField) =>
          isInstance(value)
            ? fieldValue(world, inner, value.n, innerField, argsOf(innerField, innerUse.args), run)
            : (value as Record<string, unknown>)[innerUse.name],
        run,
      );
    };
    found[use.name] = dig(read(use, field));
  }
  return found;
}

const needs = (field: Field, known: Record<string, unknown>, args: Args): string =>
  `${field.name}${JSON.stringify(args)} of ${JSON.stringify(known, (_, value) => (value === undefined ? 'missing' : value))}`;

function argsOf(field: Field, given: Args): Args {
  const args: Record<string, unknown> = {};
  for (const { name, default: value } of field.args) {
    if (name in given) args[name] = given[name];
    else if (value !== undefined) args[name] = JSON.parse(value);
  }
  return args;
}

/** Resolves every field of the schema in one piece. */
export function wholeResolver(world: World, run: Run): GraphQLFieldResolver<unknown, unknown> {
  return (source, args, _context, info) => {
    const { type, field } = definitionOf(world, info.parentType.name, info.fieldName);
    return fieldValue(world, type, isInstance(source) ? source.n : 0, field, args, run);
  };
}

/** A field, and the type whose it is: a member of a family has those of its interface too. */
function definitionOf(world: World, typename: string, name: string): { type: ObjectType; field: Field } {
  const type = objectType(world, typename)!;
  const field = fieldOf(type, name);
  return field ? { type, field } : definitionOf(world, type.memberOf!, name);
}

/** The same world in its pieces. */
export function createSubgraphs(world: World, run: Run): Record<string, LocalSubgraph> {
  const entries = world.subgraphs.map((subgraph): [string, LocalSubgraph] => {
    const types = world.objects.filter((type) => subgraph in type.keys);
    const resolvers = types.map((type) => [type.name, typeResolvers(world, type, subgraph, run)]);
    return [subgraph, { sdl: printSubgraph(world, subgraph), resolvers: Object.fromEntries(resolvers) }];
  });
  const used = entries.filter(([name]) => world.objects.some((type) => name in type.keys));
  return Object.fromEntries(used);
}

function typeResolvers(world: World, type: ObjectType, subgraph: string, run: Run): Record<string, unknown> {
  // Async: thrown at once, an error takes the whole list with it.
  const __resolveReference = async (representation: Record<string, unknown>): Promise<object> => ({
    ...representation,
    ...referred(type, subgraph, representation),
  });
  if (type.family?.home === subgraph) return { __resolveReference };
  const family = type.memberOf === undefined ? undefined : objectType(world, type.memberOf);
  return {
    ...(family && fieldResolvers(world, family, subgraph, run)),
    ...fieldResolvers(world, type, subgraph, run),
    ...(type.kind === 'entity' && { __resolveReference }),
  };
}

function fieldResolvers(world: World, type: ObjectType, subgraph: string, run: Run): Record<string, unknown> {
  const resolve = (field: Field, source: Record<string, unknown> | undefined, args: Args): unknown => {
    if (field.overrides === subgraph) throw new Error(`${field.name} is not ${subgraph}'s any more`);
    if (field.requires) {
      const known = required(world, type, field.requires, (use) => source?.[use.name], run);
      return needs(field, known, args);
    }
    const value = fieldValue(world, type, isInstance(source) ? source.n : 0, field, args, run);
    return withProvided(world, field, subgraph, value, run);
  };
  return Object.fromEntries(
    type.fields.map((field) => [
      field.name,
      (source: Record<string, unknown> | undefined, args: Args) => resolve(field, source, args),
    ]),
  );
}

/** What is provided stands in the object itself: a requirement may be met by it. */
function withProvided(world: World, field: Field, subgraph: string, value: unknown, run: Run): unknown {
  const name = field.provides[subgraph];
  const type = objectType(world, namedType(field.type));
  const provided = type && name !== undefined ? fieldOf(type, name) : undefined;
  if (!type || !provided?.safe) return value;
  const provide = (item: unknown): unknown => {
    if (Array.isArray(item)) return item.map(provide);
    return isInstance(item)
      ? { ...item, [provided.name]: fieldValue(world, type, item.n, provided, {}, run) }
      : item;
  };
  return provide(value);
}

/** The interface of a family must tell what its object is. */
function referred(type: ObjectType, subgraph: string, representation: Record<string, unknown>): object {
  const n = identify(type, subgraph, representation);
  return type.family?.home === subgraph ? ofFamily(type.family, n) : { n };
}

/** @throws Error unless the representation has one of the keys that the subgraph resolves, whole and of one entity. */
function identify(type: ObjectType, subgraph: string, { id, code, at }: Record<string, unknown>): number {
  const numbers: Record<string, number> = {
    id: Number(String(id).split('-')[1]),
    code: Number(String(code).split('-')[1]),
    at: Number((at as { x?: unknown } | undefined)?.x),
  };
  for (const key of type.keys[subgraph]!) {
    const [first, ...others] = ['id', 'code', 'at']
      .filter((part) => key.includes(part))
      .map((part) => numbers[part]!);
    if (!Number.isNaN(first) && others.every((other) => other === first)) return first!;
  }
  throw new Error(`no such ${type.name}`);
}
