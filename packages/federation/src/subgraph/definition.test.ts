/** What is said about a subgraph that cannot work, and that it is said before the service exists. */
import { expect, test } from '@jest/globals';
import { ServiceBroker } from 'moleculer';
import { fromAction } from './from-action.ts';
import { Subgraph, type SubgraphOptions } from './subgraph.ts';

const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])\n';
const product =
  'type Query { a: Int }\ntype Product @key(fields: "id") { id: ID! }\nenum Size { S }\ninput In { a: Int }\n';
const here = /^ {2}packages\/federation\/src\/subgraph\/definition\.test\.ts:\d+ /;

function complaints(options: SubgraphOptions): string[] {
  const broker = new ServiceBroker({
    logger: false,
    internalServices: false,
    skipProcessEventRegistration: true,
  });
  try {
    broker.createService({ name: 'products', mixins: [Subgraph(options)] });
  } catch (error) {
    const [first, ...lines] = (error as Error).message.split('\n');
    expect(first).toBe("Service 'products' is not a subgraph:");
    expect(broker.services).toEqual([]);
    return lines;
  }
  throw new Error('The service was created.');
}

test('an invalid schema file is named with the line of the mistake', () => {
  expect(complaints({ schema: './fixtures/broken.graphql' })).toEqual([
    '  packages/federation/src/subgraph/fixtures/broken.graphql:6 Unknown type Prise',
  ]);
});

test('a schema file that is not there is named in full, with the line that asked for it', () => {
  const [line] = complaints({ schema: './fixtures/none.graphql' });
  expect(line).toMatch(here);
  expect(line).toMatch(/\/subgraph\/fixtures\/none\.graphql: there is no such file$/);
});

test.each([
  ['a syntax error', 'type Query {\n a: \n}', 3, 'Expected Name, found "}"'],
  [
    'a key without its field',
    `${link}type Product @key(fields: "no") { id: ID }`,
    2,
    'Cannot query field "no"',
  ],
  [
    'a directive that was not imported',
    `${link}type Product { id: ID @shareable }`,
    2,
    'Unknown directive "@shareable"',
  ],
  ['a field defined twice', 'type Query {\n a: Int\n a: Int }', 2, 'can only be defined once'],
  [
    'a type defined twice',
    'type Query { a: A }\ntype A { a: Int }\ntype A { b: Int }',
    2,
    'only one type named "A"',
  ],
  [
    'an interface not implemented',
    'type Query { a: I }\ninterface I { x: Int }\ntype A implements I { y: Int }',
    2,
    'I.x',
  ],
])('%s is refused', (_what, schema, line, message) => {
  const [complaint] = complaints({ schema });
  expect(complaint).toMatch(here);
  expect(complaint).toContain(`schema, line ${line}: `);
  expect(complaint).toContain(message);
});

test('all mistakes of a schema are told at once', () => {
  expect(complaints({ schema: `${link}type Product { id: ID @one @two }` })).toHaveLength(2);
});

test.each<[string, Omit<SubgraphOptions, 'schema'>, string]>([
  ['of an unknown type', { resolvers: { Nope: {} } }, 'resolvers.Nope: the schema has no type Nope.'],
  [
    'of an unknown field',
    { resolvers: { Product: { nam: () => '' } } },
    'resolvers.Product.nam: type Product (line 2 of the schema) has no field nam.',
  ],
  [
    'that is no function',
    { resolvers: { Product: { id: undefined } } },
    'resolvers.Product.id is not a function.',
  ],
  [
    'of an input type',
    { resolvers: { In: { a: () => 1 } } },
    'resolvers.In.a: In is an input type, which has no resolvers.',
  ],
  [
    'of an unknown enum value',
    { resolvers: { Size: { L: 1 } } },
    'resolvers.Size.L: enum Size (line 3 of the schema) has no such value.',
  ],
  [
    'of a reference to no type',
    { references: { Nope: () => [] } },
    'references.Nope: the schema has no such type.',
  ],
  [
    'of a reference to a type without key',
    { references: { Query: () => [] } },
    'references.Query: type Query (line 1 of the schema) is no entity: it has no @key.',
  ],
  [
    'of a reference, given in both ways',
    {
      references: { Product: fromAction('a.b', { ids: 'id' }) },
      resolvers: { Product: { __resolveReference: () => null } },
    },
    'references.Product: resolvers.Product.__resolveReference is there too; keep one.',
  ],
])('a resolver %s is refused with its place', (_what, options, message) => {
  const [complaint] = complaints({ schema: product, ...options });
  expect(complaint).toMatch(here);
  expect(complaint!.replace(here, '')).toBe(message);
});

test('a resolver that fits nothing in a schema file is told with both places', () => {
  const [complaint] = complaints({
    schema: './fixtures/products.graphql',
    resolvers: { Product: { prize: () => 1 } },
  });
  expect(complaint).toMatch(here);
  expect(complaint!.replace(here, '')).toBe(
    'resolvers.Product.prize: type Product (packages/federation/src/subgraph/fixtures/products.graphql:8) has no field prize.',
  );
});
