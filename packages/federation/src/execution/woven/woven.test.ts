import { describe, expect, test } from '@jest/globals';
import { federate, type LocalSubgraph, type SentFetch } from '../../../test/support/federate.ts';
import type { SubgraphRequest } from '../../protocol.ts';

const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key", "@requires", "@external"])\n';

const catalog = (answer?: LocalSubgraph['answer']): LocalSubgraph => ({
  sdl: `${LINK}
    type Query { items: [Item!]! about: About }
    type Item @key(fields: "id") { id: ID! name: String size: Float colours: [Colour!] parts: [Item] }
    type About { title: String! pages: Int }
    enum Colour { RED BLUE }`,
  resolvers: {
    Query: {
      items: () => [item('a', ['b', 'c']), item('b', ['c', 'c']), item('c', [])],
      about: () => ({ title: 'quote " backslash \\ line \n end', pages: 3 }),
    },
  },
  ...(answer && { answer }),
});

const item = (id: string, parts: readonly string[]): object => ({
  id,
  name: `Item ${id}`,
  size: 1.5,
  colours: ['RED', 'BLUE'],
  parts: [...parts.map((part) => item(part, [])), null],
});

const stock = (answer?: LocalSubgraph['answer']): LocalSubgraph => ({
  sdl: `${LINK}
    type Item @key(fields: "id") { id: ID! count: Int! size: Float @external weight: Float @requires(fields: "size") }`,
  resolvers: {
    Item: {
      __resolveReference: (given: object) => given,
      count: ({ id }: { id: string }) => id.charCodeAt(0),
      weight: ({ size }: { size: number }) => 2 * size,
    },
  },
  ...(answer && { answer }),
});

/** Asked to text; `federate` holds each answer to the two other executors' too. */
async function asked(query: string, subgraphs: Record<string, LocalSubgraph>, times = 1) {
  await using compared = await federate(subgraphs);
  const expected = await compared.query(query);
  await using federation = await federate(subgraphs, { compareExecutors: false, asText: () => true });
  for (let time = 0; time < times; time++) expect(await federation.query(query)).toEqual(expected);
  return { answer: expected, fetches: federation.fetches as readonly SentFetch[] };
}

describe('a woven answer', () => {
  test('is what the other executors say, with holes in lists, nulls and escapes', async () => {
    const { answer, fetches } = await asked(
      '{ about { pages title } items { __typename parts { count id } weight name colours } }',
      { catalog: catalog(), stock: stock() },
    );
    expect(answer.errors).toBeUndefined();
    expect(fetches).toHaveLength(2);
  });

  test('keeps objects apart that begin alike and go on differently', async () => {
    const part = (id: string) => ({ __typename: 'Item', id });
    const whole = (id: string, name: string, parts: readonly string[]) => ({
      __typename: 'Item',
      id,
      parts: parts.map(part),
      name,
    });
    const items = [
      whole('a', 'one', ['b']),
      whole('a', 'two', ['b']),
      whole('a', 'one', ['c']),
      whole('a', 'one', ['b']),
      whole('d', 'one', ['b']),
    ];
    const { answer, fetches } = await asked('{ items { id parts { id count } name count } }', {
      catalog: catalog(() => ({ data: { items } })),
      stock: stock(),
    });
    const counted = (id: string) => ({ id, count: id.charCodeAt(0) });
    expect(answer).toEqual({
      data: {
        items: items.map(({ id, name, parts }) => ({
          ...counted(id),
          name,
          parts: parts.map((inner) => counted(inner.id)),
        })),
      },
    });
    expect(fetches).toHaveLength(2);
  });

  test('is the same for many strangers, and for twins among them', async () => {
    const items = Array.from({ length: 300 }, (_, index) => ({
      ...item(`${index % 250}`, [`${index % 7}`]),
      __typename: 'Item',
    }));
    const circles = catalog();
    const { answer } = await asked('{ items { id parts { id count } count } }', {
      catalog: { ...circles, resolvers: { ...circles.resolvers, Query: { items: () => items } } },
      stock: stock(),
    });
    expect(answer.errors).toBeUndefined();
    expect(answer.data?.items).toHaveLength(300);
  });

  test('passes one subgraph’s answer on when nobody else adds to it', async () => {
    const { answer } = await asked('{ about { title pages } }', { catalog: catalog(), stock: stock() });
    expect(answer).toEqual({ data: { about: { title: 'quote " backslash \\ line \n end', pages: 3 } } });
  });

  test.each([
    [
      'an error beside the data',
      { data: { about: { pages: 1 } }, errors: [{ message: 'half', path: ['about'] }] },
    ],
    ['a number that is no Int', { data: { about: { pages: 1.5 } } }],
    ['a text where a number belongs', { data: { about: { pages: 'three' } } }],
    ['a missing field', { data: { about: {} } }],
    ['a field nobody asked for', { data: { about: { pages: 1, secret: 2 } } }],
    ['no data', { data: null, errors: [{ message: 'nothing' }] }],
    ['data and extensions', { data: { about: { pages: 1 } }, extensions: { cost: 1 } }],
  ])('leaves %s to the compiled executor, and asks nobody twice', async (_, answered) => {
    const { fetches } = await asked('{ about { pages } }', {
      catalog: catalog(() => answered),
      stock: stock(),
    });
    expect(fetches).toHaveLength(1);
  });

  test('leaves an entity that is not there to the compiled executor, and asks nobody twice', async () => {
    const gone = ({ variables = {} }: SubgraphRequest) => ({
      data: {
        _entities: (variables.representations as unknown[]).map((_item, index) =>
          index === 1 ? null : { count: 1 },
        ),
      },
    });
    const { answer, fetches } = await asked('{ items { id count } }', {
      catalog: catalog(),
      stock: stock(gone),
    });
    expect(answer.errors).toHaveLength(1);
    expect(fetches).toHaveLength(2);
  });

  test('holds a text of more escapes than a regular expression can count', async () => {
    const title = '\n'.repeat(4_000_000);
    const long = () => ({ data: { about: { title } } });
    await using federation = await federate(
      { catalog: catalog(long), stock: stock() },
      { compareExecutors: false, asText: () => true },
    );
    const { data } = await federation.query('{ about { title } }');
    const about = data?.about as { title: string } | undefined;
    expect(about?.title === title).toBe(true);
    expect(federation.fetches).toHaveLength(1);
  });

  test('is right after many surprises, too', async () => {
    let calls = 0;
    const odd = () => ({ data: { about: { pages: calls++ % 3 === 0 ? 'one' : 1 } } });
    await using federation = await federate(
      { catalog: catalog(odd), stock: stock() },
      { compareExecutors: false, asText: () => true },
    );
    for (let time = 0; time < 30; time++) {
      const { data, errors } = await federation.query('{ about { pages } }');
      expect([data?.about, errors?.length ?? 0]).toEqual(
        time % 3 === 0 ? [{ pages: null }, 1] : [{ pages: 1 }, 0],
      );
    }
  });
});
