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
  const interfaces = world.abstracts.filter(
    ({ kind, members }) => kind === 'interface' && members[subgraph]?.includes(type.name),
  );
  const resolvable = !isStub(type, subgraph);
  const keys = type.keys[subgraph]!.map(
    (key) => `@key(fields: "${key}"${resolvable ? '' : ', resolvable: false'})`,
  );
  const fields = type.fields.flatMap((field) => {
    const printed = printField(world, type, field, subgraph);
    return printed === undefined ? [] : [`  ${printed}`];
  });
  const id =
    interfaces.length > 0 && !fields.some((field) => field.startsWith('  id:'))
      ? ['  id: ID! @shareable']
      : [];
  const header = `type ${type.name}${interfaces.length > 0 ? ` implements ${interfaces.map(({ name }) => name).join(' & ')}` : ''}`;
  const shareable = type.kind === 'value' ? ' @shareable' : '';
  return `${header} ${keys.join(' ')}${shareable} {\n${[...id, ...fields].join('\n')}\n}`;
}

/** Only what has nothing but keys may be left unresolvable. */
export function isStub(type: ObjectType, subgraph: string): boolean {
  return type.unresolvable.includes(subgraph) && !type.fields.some((field) => field.in.includes(subgraph));
}

function printField(world: World, type: ObjectType, field: Field, subgraph: string): string | undefined {
  const args = field.args.map(
    (arg) => `${arg.name}: ${arg.type}${arg.default === undefined ? '' : ` = ${arg.default}`}`,
  );
  const text = `${field.name}${args.length > 0 ? `(${args.join(', ')})` : ''}: ${field.type}`;
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
