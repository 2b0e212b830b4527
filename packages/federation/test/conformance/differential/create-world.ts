import { createRandom, type Random } from './random.ts';
import {
  type AbstractType,
  abstractType,
  type Field,
  isIn,
  namedType,
  type ObjectType,
  objectType,
  type Use,
  type World,
} from './world.ts';

const LEAVES = ['Int', 'String', 'ID', 'Float', 'Boolean', 'Colour', 'Any'];
const WRAPPERS = ['T', 'T', 'T', 'T!', '[T]', '[T!]', '[T]!', '[T!]!', '[[T]]', '[[T!]!]'];
const ARGUMENTS = [
  { name: 'x', type: 'Int' },
  { name: 'x', type: 'Int', default: '3' },
  { name: 'c', type: 'Colour' },
  { name: 'in', type: 'In' },
  { name: 'ids', type: '[ID!]' },
];

/** Not every world composes: some cuts leave a field that cannot be reached, which composition refuses. */
export function createWorld(seed: number): World {
  const random = createRandom(seed);
  const subgraphs = ['a', 'b', 'c', 'd'].slice(0, 2 + random.int(3));
  const world: World = { seed, subgraphs, objects: [], abstracts: [] };
  addTypes(world, random);
  for (const type of world.objects) {
    if (type.kind === 'value') addFields(world, type, 1 + random.int(3), random);
    if (type.kind === 'entity' && !type.memberOf) addFields(world, type, 2 + random.int(4), random);
  }
  addRoots(world, random);
  for (const type of world.objects) {
    if (type.kind !== 'entity' || type.memberOf) continue;
    for (let i = 0; i < 3; i++) if (random.chance(50)) addRequirement(world, type, `needs${i}`, random);
    if (!type.family) cutFurther(world, type, random);
  }
  declareInterfaceFields(world, random);
  for (const type of world.objects) {
    if (type.fields.some(isRequired)) harden(world, type.name, new Set());
    for (const { requires } of type.fields) hardenUsed(world, type, requires ?? []);
  }
  return world;
}

function newField(name: string, type: string, rest: Partial<Field> = {}): Field {
  return { name, type, args: [], in: [], external: [], provides: {}, safe: false, ...rest };
}

function addTypes(world: World, random: Random): void {
  const values = ['V0', 'V1'].slice(0, 1 + random.int(2));
  const entities = ['E0', 'E1', 'E2'].slice(0, 2 + random.int(2));
  for (const name of values) {
    const x = newField('x', 'Int!', { safe: true });
    world.objects.push({ name, kind: 'value', fields: [x], keys: {}, unresolvable: [] });
  }
  for (const name of entities) {
    const fields = [
      newField('id', 'ID!', { safe: true }),
      newField('code', 'String!', { safe: true }),
      newField('at', 'V0!', { safe: true }),
    ];
    const type: ObjectType = { name, kind: 'entity', fields, keys: {}, unresolvable: [] };
    world.objects.push(type);
    // Subgraphs with different keys reach each other by way of the first, which has both.
    const other = random.chance(40) ? random.pick(['code', 'id code', 'at { x }', 'code at { x }']) : 'id';
    for (const [index, subgraph] of random.some(world.subgraphs).entries()) {
      const keys = other === 'id' ? ['id'] : index === 0 ? ['id', other] : [random.pick(['id', other])];
      type.keys[subgraph] = keys;
      if (keys.some((key) => key.includes('at'))) know(world, 'V0', subgraph, random);
    }
  }
  if (random.chance(35)) addFamily(world, random);
  world.abstracts.push({ name: 'I0', kind: 'interface', members: {}, fields: {} });
  if (random.chance(60)) world.abstracts.push({ name: 'U0', kind: 'union', members: {}, fields: {} });
}

/** An interface with a key, and objects in its place wherever its implementations are not known. */
function addFamily(world: World, random: Random): void {
  const home = random.pick(world.subgraphs);
  const members = ['P0', 'P1'];
  const id = (): Field => newField('id', 'ID!', { safe: true });
  const keys = Object.fromEntries([home, ...random.some(world.subgraphs)].map((name) => [name, ['id']]));
  world.objects.push({
    name: 'J0',
    kind: 'entity',
    fields: [id()],
    keys,
    unresolvable: [],
    family: { home, members },
  });
  for (const name of members) {
    const own = newField(`own${name}`, random.pick(WRAPPERS).replace('T', random.pick(LEAVES)), {
      in: [home],
    });
    world.objects.push({
      name,
      kind: 'entity',
      fields: [id(), own],
      keys: { [home]: ['id'] },
      unresolvable: [],
      memberOf: 'J0',
    });
  }
}

/** Makes a subgraph define a type, with all that it needs for that. */
function know(world: World, name: string, subgraph: string, random: Random): void {
  const abstract = abstractType(world, name);
  if (abstract) knowMembers(world, abstract, subgraph, random);
  const type = objectType(world, name);
  if (!type || subgraph in type.keys) return;
  type.keys[subgraph] = type.kind === 'entity' ? ['id'] : [];
  if (type.kind === 'entity' && random.chance(30)) type.unresolvable.push(subgraph);
  if (type.kind === 'value')
    for (const field of type.fields) know(world, namedType(field.type), subgraph, random);
}

function knowMembers(world: World, abstract: AbstractType, subgraph: string, random: Random): void {
  if (abstract.members[subgraph]) return;
  const all = world.objects
    .filter(({ kind, family, memberOf }) =>
      kind === 'entity' ? !family && !memberOf : kind === 'value' && abstract.kind === 'union',
    )
    .map(({ name }) => name);
  // The last one is known to all: shared fields can always answer something.
  const members = all.filter((_, index) => index === all.length - 1 || random.chance(65));
  abstract.members[subgraph] = members;
  for (const member of members) know(world, member, subgraph, random);
}

function outputType(world: World, random: Random, composite: number): string {
  const objects = world.objects.filter(({ kind, memberOf }) => kind !== 'root' && !memberOf);
  const names = [...objects, ...world.abstracts].map(({ name }) => name);
  return random
    .pick(WRAPPERS)
    .replace('T', random.chance(composite) ? random.pick(names) : random.pick(LEAVES));
}

const argumentsOf = (random: Random): Field['args'] => (random.chance(30) ? [random.pick(ARGUMENTS)] : []);

function addFields(world: World, type: ObjectType, count: number, random: Random): void {
  for (let i = 0; i < count; i++) {
    // A value's fields must be resolvable wherever the value is: leaves and entities are.
    const entities = world.objects
      .filter(({ kind, memberOf }) => kind === 'entity' && !memberOf)
      .map(({ name }) => name);
    const output =
      type.kind === 'entity'
        ? outputType(world, random, 45)
        : random.pick(WRAPPERS).replace('T', random.chance(25) ? random.pick(entities) : random.pick(LEAVES));
    const field = newField(`f${i}`, output, { args: argumentsOf(random) });
    type.fields.push(field);
    if (type.kind === 'value') {
      for (const subgraph of Object.keys(type.keys)) know(world, namedType(output), subgraph, random);
    } else {
      const owners = Object.keys(type.keys);
      const owner = random.pick(owners);
      field.in = owners.filter((name) => name === owner || random.chance(12));
      for (const subgraph of field.in) know(world, namedType(output), subgraph, random);
      if (random.chance(6) && !type.family) field.inaccessible = true;
    }
  }
}

function addRoots(world: World, random: Random): void {
  for (const [name, prefix, count] of [
    ['Query', 'q', 3 + random.int(5)],
    ['Mutation', 'm', random.int(4)],
  ] as const) {
    if (count === 0) continue;
    const root: ObjectType = { name, kind: 'root', fields: [], keys: {}, unresolvable: [] };
    world.objects.push(root);
    for (let i = 0; i < count; i++) {
      const field = newField(`${prefix}${i}`, outputType(world, random, 88), { args: argumentsOf(random) });
      const owner = random.pick(world.subgraphs);
      field.in = world.subgraphs.filter((s) => s === owner || (name === 'Query' && random.chance(8)));
      for (const subgraph of field.in) {
        root.keys[subgraph] = [];
        know(world, namedType(field.type), subgraph, random);
      }
      root.fields.push(field);
    }
  }
}

/** `needs: String @requires(fields: "f0(x: 2) at { x } owner { f1 }")` in a subgraph that has none of these itself. */
function addRequirement(world: World, type: ObjectType, name: string, random: Random): void {
  const here = random.pick(Object.keys(type.keys));
  if (type.unresolvable.includes(here)) return;
  const uses = usesOf(world, type, here, 2, random).slice(0, 2);
  if (uses.length === 0) return;
  markExternal(world, type, uses, here, random);
  type.fields.push(
    newField(name, random.pick(['String', 'String!']), {
      in: [here],
      requires: uses,
      // Composition would miss the arguments in the interface's implementations.
      args: type.family ? [] : argumentsOf(random),
      safe: true,
    }),
  );
}

function usesOf(world: World, type: ObjectType, here: string, depth: number, random: Random): Use[] {
  const uses: Use[] = [];
  for (const field of type.fields) {
    if ((depth === 2 && isIn(type, field, here)) || field.overrides === here) continue;
    if (!Object.keys(type.keys).some((subgraph) => isIn(type, field, subgraph)) || !random.chance(60))
      continue;
    const inner = objectType(world, namedType(field.type));
    if (abstractType(world, namedType(field.type)) || (inner && depth === 0)) continue;
    if (inner?.family?.home === here) continue;
    // Apollo's planner finds no plan for a chain of these: README.md.
    if (type.family && field.requires) continue;
    // Composition looks for the arguments of what an `@interfaceObject` brings in the implementations, and fails.
    if (type.family?.home === here && field.args.length > 0) continue;
    const of = inner && usesOf(world, inner, here, depth - 1, random).slice(0, 2);
    if (of?.length === 0) continue;
    const args: Record<string, number> =
      field.args[0]?.name === 'x' && random.chance(70) ? { x: random.int(3) } : {};
    uses.push({ name: field.name, args, ...(of && { of }) });
  }
  return uses;
}

function markExternal(
  world: World,
  type: ObjectType,
  uses: readonly Use[],
  here: string,
  random: Random,
): void {
  for (const use of uses) {
    const field = type.fields.find(({ name }) => name === use.name)!;
    field.safe = true;
    know(world, namedType(field.type), here, random);
    if (!isIn(type, field, here) && !field.external.includes(here)) field.external.push(here);
    const inner = objectType(world, namedType(field.type));
    if (inner && use.of) markExternal(world, inner, use.of, here, random);
  }
}

const isRequired = (field: Field): boolean => field.safe && field.external.length > 0;

/**
 * A null in a non-null field nulls the whole entity in its subgraph's answer, and with it what is required of the
 * entity in the same fetch. That is federation's way, not a fault: where something is required there is no such null.
 */
function harden(world: World, name: string, seen: Set<string>): void {
  if (seen.has(name)) return;
  seen.add(name);
  const members = Object.values(abstractType(world, name)?.members ?? {}).flat();
  for (const member of [...members, ...(objectType(world, name)?.family?.members ?? [])])
    harden(world, member, seen);
  for (const field of objectType(world, name)?.fields ?? []) {
    if (!field.type.endsWith('!')) continue;
    field.safe = true;
    harden(world, namedType(field.type), seen);
  }
}

/** What is required of another entity need not be `@external`, and is fetched with that entity's other fields. */
function hardenUsed(world: World, type: ObjectType, uses: readonly Use[]): void {
  if (uses.length > 0) harden(world, type.name, new Set());
  for (const use of uses) {
    const inner = objectType(world, namedType(type.fields.find(({ name }) => name === use.name)!.type));
    if (inner) hardenUsed(world, inner, use.of ?? []);
  }
}

/** @provides and @override. */
function cutFurther(world: World, type: ObjectType, random: Random): void {
  for (const field of type.fields) {
    const owner = field.in[0];
    if (field.in.length !== 1 || owner === undefined || field.requires) continue;
    const target = objectType(world, namedType(field.type));
    if (target?.kind === 'entity' && !target.family && random.chance(40)) {
      const provided = target.fields.find(
        (candidate) =>
          candidate.in.length > 0 &&
          !isIn(target, candidate, owner) &&
          !candidate.requires &&
          !candidate.overrides &&
          candidate.args.length === 0 &&
          LEAVES.includes(namedType(candidate.type)),
      );
      if (provided) {
        field.provides[owner] = provided.name;
        provided.shared = true;
        if (!provided.external.includes(owner)) provided.external.push(owner);
      }
    }
    const others = Object.keys(type.keys).filter(
      (s) => s !== owner && !type.unresolvable.includes(s) && !field.external.includes(s),
    );
    if (others.length > 0 && !field.shared && !field.provides[owner] && random.chance(10)) {
      const taker = random.pick(others);
      know(world, namedType(field.type), taker, random);
      field.overrides = owner;
      field.in = [taker];
    }
  }
}

function declareInterfaceFields(world: World, random: Random): void {
  for (const abstract of world.abstracts) {
    if (abstract.kind !== 'interface' || Object.keys(abstract.members).length === 0) continue;
    const implementations = world.objects.filter(({ name }) =>
      Object.values(abstract.members).flat().includes(name),
    );
    // All implementations must have the field somewhere, those of the subgraph that declares it must have it there.
    for (const type of implementations) {
      const resolving = Object.keys(type.keys).filter((s) => !type.unresolvable.includes(s));
      const fallback = Object.keys(type.keys)[0]!;
      type.fields.push(
        newField('label', 'String', { in: [resolving.length > 0 ? random.pick(resolving) : fallback] }),
      );
    }
    for (const [subgraph, members] of Object.entries(abstract.members)) {
      const everywhere = members.every((name) => {
        const type = objectType(world, name)!;
        return isIn(type, type.fields.find((field) => field.name === 'label')!, subgraph);
      });
      abstract.fields[subgraph] = everywhere ? ['label'] : [];
    }
  }
}
