import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  buildSchema,
  type ExecutionResult,
  execute,
  type GraphQLCompositeType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  getOperationAST,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isListType,
  isObjectType,
  isUnionType,
  parse,
  responsePathAsArray,
  validate,
} from 'graphql';
import { compileOperation } from './compiled-operation.ts';
import { executeCompiled } from './execute-compiled.ts';

const sdl = `
  enum E { X Y }
  interface Node { id: ID! }
  union Uni = A | B
  type A implements Node { id: ID! s: String n: Int! own: String a: A an: A! list: [A] listn: [A!]! e: E node: Node uni: Uni echo(x: Int = 3, s: String): String! }
  type B implements Node { id: ID! b: Float! a: A unis: [Uni!] deep: [[Int!]] }
  type Query { a: A an: A! list: [A!] listn: [A]! node: Node uni: Uni unis: [Uni!]! s: String! e: E! deep: [[Int!]]! }`;

type Behaviour = 'sync' | 'async';

/** Every field is resolved by chance, the same for a place and a seed: right, null, wrong, thrown, or any of it later. */
function unreliable(behaviour: Behaviour): { readonly schema: GraphQLSchema; seed: number } {
  const schema = buildSchema(sdl);
  const resolve = (_source: unknown, args: unknown, _context: unknown, info: GraphQLResolveInfo): unknown => {
    const at = responsePathAsArray(info.path).join('.');
    if (info.fieldName === 'echo') return JSON.stringify(args);
    const value = () => make(info.returnType, at);
    const luck = dice(at, 100);
    if (luck < 4) throw new Error(`thrown at ${at}`);
    if (luck < 8) return null;
    if (luck < 10) return new Error(`returned at ${at}`);
    if (behaviour === 'sync' || luck < 60) return value();
    if (luck < 65) return Promise.reject(new Error(`rejected at ${at}`));
    return Promise.resolve().then(value);
  };
  const make = (type: GraphQLOutputType, at: string): unknown => {
    const nullable = getNullableType(type);
    if (isListType(nullable)) {
      if (dice(`${at}#`, 25) === 0) return 'no list';
      return Array.from({ length: dice(at, 4) }, (_, index) => {
        const item = `${at}.${index}`;
        const luck = dice(item, 100);
        const made = luck < 4 ? null : luck < 7 ? new Error(`item ${item}`) : make(nullable.ofType, item);
        // All of them: where one item fails at once, graphql-js leaves the promises of the others to reject unheard.
        return behaviour === 'async' ? Promise.resolve(made) : made;
      });
    }
    if (isEnumType(nullable)) return dice(at, 12) === 0 ? 'Z' : 'X';
    if (!isCompositeType(nullable)) return dice(`${at}!`, 25) === 0 ? { no: 'leaf' } : dice(at, 1_000);
    const names = isAbstractType(nullable)
      ? ['A', 'B', 'A', 'B', 'A', 'B', 'Query', 'Nobody', undefined]
      : [nullable.name];
    const own = [`own ${at}`, () => `method ${at}`, null, () => fail(at)][dice(`${at}own`, 4)];
    return { __typename: names[dice(`${at}type`, names.length)], own, isB: dice(`${at}is`, 20) > 0 };
  };
  const dice = (text: string, sides: number) => hash(`${world.seed}${text}`) % sides;
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) if (field.name !== 'own') field.resolve = resolve;
    if (type.name === 'B') type.isTypeOf = (value: { isB?: boolean }) => value.isB !== false;
  }
  const world = { schema, seed: 0 };
  return world;
}

const worlds = { sync: unreliable('sync'), async: unreliable('async') };

const fail = (at: string): never => {
  throw new Error(`method failed at ${at}`);
};

function hash(text: string): number {
  let value = 2_166_136_261;
  for (const sign of text) value = Math.imul(value ^ sign.codePointAt(0)!, 16_777_619);
  return (value ^ (value >>> 13)) >>> 0;
}

const shape = buildSchema(sdl);

/** Aliases that collide with fields, fragments that select a thing twice, arguments by literal, variable and default. */
const operation = fc.gen().map((g) => {
  const number = (max: number) => g(fc.nat, { max });
  const pick = <T>(from: readonly T[]): T => from[number(from.length - 1)]!;
  const set = (type: GraphQLCompositeType, depth: number): string =>
    `{ ${Array.from({ length: 1 + number(3) }, () => selection(type, depth)).join(' ')} }`;
  const selection = (type: GraphQLCompositeType, depth: number): string => {
    if (isAbstractType(type) && number(9) < 7) {
      const narrowed = pick(shape.getPossibleTypes(type));
      return `... on ${narrowed.name} ${set(narrowed, depth)}`;
    }
    if (isUnionType(type) || number(9) === 0) return '__typename';
    const fields = Object.values(type.getFields()).filter(
      (field) => depth > 0 || !isCompositeType(getNamedType(field.type)),
    );
    if (fields.length === 0) return '__typename';
    const field = pick(fields);
    const named = getNamedType(field.type);
    const alias = number(9) === 0 ? `${pick(['id', 's', 'x'])}: ` : '';
    const args = field.args.length > 0 ? pick(['', '(x: 1)', '(x: $x)', '(x: null, s: "t")', '(s: $s)']) : '';
    return `${alias}${field.name}${args}${isCompositeType(named) ? ` ${set(named, depth - 1)}` : ''}`;
  };
  const body = set(shape.getQueryType()!, 4);
  const used = ['$x: Int', '$s: String = "d"'].filter((definition) => body.includes(definition.slice(0, 2)));
  return `query ${used.length > 0 ? `(${used.join(' ')})` : ''} ${body}`;
});

async function both(seed: number, text: string, behaviour: Behaviour) {
  const document = parse(text);
  fc.pre(validate(shape, document).length === 0);
  const variableValues = seed % 3 === 0 ? {} : { x: seed % 7, s: null };
  const { schema } = worlds[behaviour];
  worlds[behaviour].seed = seed;
  const right = await execute({ schema, document, variableValues });
  const compiled = compileOperation(schema, document, getOperationAST(document)!, text)!;
  // Twice, since the first run compiles what it meets.
  await executeCompiled(compiled, variableValues, undefined);
  return { right, ours: await executeCompiled(compiled, variableValues, undefined) };
}

/** Two texts of our own are shorter than graphql-js's; nobody sees them but a log. */
const errorsOf = ({ errors = [] }: ExecutionResult) =>
  errors
    .map(({ message, path, locations }) =>
      JSON.stringify([message.replace(/^Expected (`|a? ?value).*/s, 'Expected …'), path, locations]),
    )
    .sort();

const runs = { numRuns: 600, seed: 20_261_122 };

test('synchronous resolvers: the data and the errors are those of graphql-js', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), operation, async (seed, text) => {
      const { right, ours } = await both(seed, text, 'sync');
      expect(JSON.stringify(ours.data)).toBe(JSON.stringify(right.data));
      expect(errorsOf(ours)).toEqual(errorsOf(right));
    }),
    runs,
  );
});

// Of two errors that make the same place null, the one that came first is told; which that is, is a matter of ticks.
test('asynchronous resolvers: the data are those of graphql-js, with errors where it has some', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), operation, async (seed, text) => {
      const { right, ours } = await both(seed, text, 'async');
      expect(JSON.stringify(ours.data)).toBe(JSON.stringify(right.data));
      expect(errorsOf(ours).length > 0).toBe(errorsOf(right).length > 0);
    }),
    runs,
  );
});

test.each([
  ['a mutation', 'mutation { m }'],
  ['a selection that depends on variables', 'query ($a: Boolean!) { s @skip(if: $a) }'],
  ['introspection', '{ __schema { types { name } } }'],
  ['a name that would change the prototype', '{ __proto__: s }'],
])('%s is left to graphql-js', (_, text) => {
  const schema = buildSchema('type Query { s: String } type Mutation { m: String }');
  const document = parse(text);
  expect(compileOperation(schema, document, getOperationAST(document)!, text)).toBeUndefined();
});

test('a list that fails at once does not leave a failure of an earlier item unheard', async () => {
  const schema = buildSchema('type Query { list: [A!] } type A { late: Int! }');
  schema.getQueryType()!.getFields().list!.resolve = () => [
    { late: () => Promise.reject(new Error('nobody waits for this')) },
    null,
  ];
  const text = '{ list { late } }';
  const document = parse(text);
  const compiled = compileOperation(schema, document, getOperationAST(document)!, text)!;
  const ours = await executeCompiled(compiled, {}, undefined);
  await new Promise((resolve) => setImmediate(resolve));
  expect(ours.data).toEqual({ list: null });
  expect(ours.errors?.map(({ path }) => path)).toEqual([['list', 1]]);
});

test('what fails later below a place that is null by then is no error of the answer', async () => {
  const schema = buildSchema('type Query { a: A slow: String } type A { first: Int! second: Int }');
  const late = Promise.withResolvers<never>();
  const fields = schema.getQueryType()!.getFields();
  fields.a!.resolve = () => ({
    first: () => Promise.reject(new Error('first')),
    second: () => late.promise,
  });
  fields.slow!.resolve = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    late.reject(new Error('second'));
    await new Promise((resolve) => setImmediate(resolve));
    return 'done';
  };
  const text = '{ a { first second } slow }';
  const document = parse(text);
  const compiled = compileOperation(schema, document, getOperationAST(document)!, text)!;
  const ours = await executeCompiled(compiled, {}, undefined);
  expect(ours.data).toEqual({ a: null, slow: 'done' });
  expect(ours.errors?.map(({ message }) => message)).toEqual(['first']);
});

test('variables that do not fit are refused before anything runs', async () => {
  const schema = buildSchema('type Query { s(n: Int!): String }');
  const text = 'query ($n: Int!) { s(n: $n) }';
  const document = parse(text);
  const compiled = compileOperation(schema, document, getOperationAST(document)!, text)!;
  const ours = await executeCompiled(compiled, { n: 'x' }, undefined);
  expect(JSON.stringify(ours)).toBe(
    JSON.stringify(await execute({ schema, document, variableValues: { n: 'x' } })),
  );
  expect(ours).not.toHaveProperty('data');
});
