import { describe, expect, test } from '@jest/globals';
import { FEDERATION_2, federate } from '../../support/federate.ts';

const catalog = {
  sdl: `${FEDERATION_2} type Query { items: [Product] ok: Int } type Product @key(fields: "id") { id: ID! name: String }`,
  resolvers: {
    Query: {
      ok: () => 1,
      items: () => [
        { id: 'a', name: 'A' },
        { id: 'b', name: 'B' },
      ],
    },
  },
};
const faulty = (answer: unknown) => ({
  sdl: `${FEDERATION_2} scalar Any type Query { place: Any } type Product @key(fields: "id") { id: ID! extra: Any }`,
  answer: () => answer,
});

const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));

describe('whatever a subgraph answers, the rest of the answer is there, and an error names the subgraph', () => {
  test.each<[string, unknown]>([
    ['text', 'oops'],
    ['null', null],
    ['a list', []],
    ['nothing', {}],
    ['data that is no map', { data: 7 }],
    ['no data and no reason', { data: null }],
    ['errors that are no list', { errors: {} }],
    ['an error that is no map', { errors: [null] }],
    ['an error whose message is a number', { errors: [{ message: 7 }] }],
    ['an error whose path is a number', { errors: [{ message: 'm', path: 7 }] }],
    ['an error whose path is a map', { errors: [{ message: 'm', path: { length: 3 } }] }],
    ['an error whose path holds maps', { errors: [{ message: 'm', path: ['place', {}, null] }] }],
    [
      'an error at an entity that was not asked for',
      { errors: [{ message: 'm', path: ['_entities', 99, 'extra'] }] },
    ],
    ['an error with an endless path', { errors: [{ message: 'm', path: new Array(20_000).fill('a') }] }],
    ['entities that are no maps', { data: { place: nested(3_000), _entities: [1, [{}]] } }],
    ['too few entities', { data: { place: nested(3_000), _entities: [{ extra: 1 }] } }],
    ['values without end', { data: { place: nested(3_000), _entities: [{ extra: nested(3_000) }, null] } }],
  ])('%s', async (_, answer) => {
    await using federation = await federate({ catalog, faulty: faulty(answer) });
    const { data, errors } = await federation.query('{ ok place items { name extra } }');
    const item = (name: string) => ({ name, extra: null });
    expect(data).toEqual({ ok: 1, place: null, items: [item('A'), item('B')] });
    const services = new Set(errors!.map(({ extensions }) => extensions?.service));
    expect([...services]).toEqual(['faulty']);
    for (const { extensions } of errors!)
      expect(extensions?.code).toMatch(/^(SUBGRAPH_INVALID_RESPONSE|DOWNSTREAM_SERVICE_ERROR)$/);
  });

  test('fields that it was not asked for change nothing', async () => {
    const answer = {
      data: {
        place: 1,
        ok: 666,
        items: 'mine',
        _entities: [
          { name: 'forged', __typename: 'Nobody', extra: 2 },
          { id: 7, extra: 3 },
        ],
      },
    };
    await using federation = await federate({ catalog, faulty: faulty(answer) });
    expect(await federation.query('{ ok place items { id name extra } }')).toEqual({
      data: {
        ok: 1,
        place: 1,
        items: [
          { id: 'a', name: 'A', extra: 2 },
          { id: 'b', name: 'B', extra: 3 },
        ],
      },
    });
  });

  test('names that mean something to JavaScript are but names', async () => {
    const answer = JSON.parse(
      '{"data": {"place": {"__proto__": {"polluted": 1}, "constructor": 2}, "__proto__": {"ok": 9}, "_entities": [null, null]}}',
    );
    await using federation = await federate({ catalog, faulty: faulty(answer) });
    expect((await federation.query('{ ok place }')).data).toMatchObject({ ok: 1, place: { constructor: 2 } });
    expect('polluted' in {}).toBe(false);
  });
});
