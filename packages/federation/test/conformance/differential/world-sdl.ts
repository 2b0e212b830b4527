import { FEDERATION_2 } from '../../support/federate.ts';
import { type Field, fieldOf, isIn, type ObjectType, objectType, type Use, type World } from './world.ts';

/** The SDL of one subgraph. */
export function printSubgraph(world: World, subgraph: string): string {
  return [
    FEDERATION_2,
    'scalar Any enum Colour { RED GREEN BLUE } input In { a: Int = 7 b: Colour c: [In!] any: Any }',
    ...world.objects
      .filter((type) => subgraph in type.keys)
      .map((type) => printObject(world, type, subgraph)),
    ...world.abstracts.flatMap(({ name, kind, members, fields }) => {
      const here = members[subgraph];
      if (!here) return [];
      if (kind === 'union') return [`union ${name} = ${here.join(' | ')}`];
      return [
        `interface ${name} { id: ID! ${(fields[subgraph] ?? []).map((field) => `${field}: String`).join(' ')} }`,
      ];
    }),
  ].join('\n');
}

function printObject(world: World, type: ObjectType, subgraph: string): string {
  if (type.family?.home === subgraph) return printInterface(type, subgraph);
  const interfaces = world.abstracts.filter(
    ({ kind, members }) => kind === 'interface' && members[subgraph]?.includes(type.name),
  );
  const resolvable = !isStub(type, subgraph);
  const keys = type.keys[subgraph]!.map(
    (key) => `@key(fields: "${key}"${resolvable ? '' : ', resolvable: false'})`,
  );
  const family = type.memberOf === undefined ? undefined : objectType(world, type.memberOf);
  const inherited = (family?.fields ?? []).filter(({ name }) => name !== 'id');
  const fields = [
    ...type.fields.map((field) => printField(world, type, field, subgraph)),
    ...inherited.map((field) => printField(world, family!, field, subgraph)),
  ].flatMap((printed) => (printed === undefined ? [] : [`  ${printed}`]));
  const id =
    interfaces.length > 0 && !fields.some((field) => field.startsWith('  id:'))
      ? ['  id: ID! @shareable']
      : [];
  const implemented = [...interfaces, ...(family ? [family] : [])].map(({ name }) => name).join(' & ');
  const header = `type ${type.name}${implemented && ` implements ${implemented}`}`;
  const more = type.kind === 'value' ? ' @shareable' : type.family ? ' @interfaceObject' : '';
  return `${header} ${keys.join(' ')}${more} {\n${[...id, ...fields].join('\n')}\n}`;
}

function printInterface(type: ObjectType, subgraph: string): string {
  const fields = type.fields.filter((field) => isIn(type, field, subgraph)).map(signature);
  return `interface ${type.name} @key(fields: "id") {\n${fields.join('\n')}\n}`;
}

/** Only what has nothing but keys may be left unresolvable. */
export function isStub(type: ObjectType, subgraph: string): boolean {
  return type.unresolvable.includes(subgraph) && !type.fields.some((field) => field.in.includes(subgraph));
}

function signature({ name, args, type }: Field): string {
  const printed = args.map(
    (arg) => `${arg.name}: ${arg.type}${arg.default === undefined ? '' : ` = ${arg.default}`}`,
  );
  return `${name}${printed.length > 0 ? `(${printed.join(', ')})` : ''}: ${type}`;
}

function printField(world: World, type: ObjectType, field: Field, subgraph: string): string | undefined {
  const text = signature(field);
  if (type.kind === 'value') return text;
  if (field.overrides === subgraph) return text;
  if (!isIn(type, field, subgraph))
    return field.external.includes(subgraph) ? `${text} @external` : undefined;
  const shared = (field.in.length > 1 || field.shared) && field.in.includes(subgraph);
  const requires =
    field.requires && field.in.includes(subgraph) ? printUses(world, type, field.requires) : undefined;
  return [
    text,
    ...(shared ? ['@shareable'] : []),
    ...(requires ? [`@requires(fields: ${JSON.stringify(requires)})`] : []),
    ...(field.provides[subgraph] ? [`@provides(fields: "${field.provides[subgraph]}")`] : []),
    ...(field.overrides ? [`@override(from: "${field.overrides}")`] : []),
    ...(field.inaccessible ? ['@inaccessible'] : []),
  ].join(' ');
}

function printUses(world: World, type: ObjectType, uses: readonly Use[]): string {
  return uses
    .map(({ name, args, of }) => {
      const given = Object.entries(args).map(([key, value]) => `${key}: ${value}`);
      const inner = objectType(world, fieldOf(type, name)!.type.replace(/[[\]!]/g, ''));
      return `${name}${given.length > 0 ? `(${given.join(', ')})` : ''}${of && inner ? ` { ${printUses(world, inner, of)} }` : ''}`;
    })
    .join(' ');
}
