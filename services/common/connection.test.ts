import { describe, expect, test } from '@jest/globals';
import { type PageArgs, toConnection, toCursor, toPage } from './connection.ts';

const rows = (...ids: string[]) => ids.map((id) => ({ id, createdAt: Number(id) }));

describe('a page', () => {
  test('has 20 rows from the start unless something else is asked for', () => {
    expect(toPage({})).toEqual({ size: 20, fromEnd: false });
    expect(toPage({ first: null, after: null, last: null, before: null })).toEqual(toPage({}));
    expect(toPage({ first: 0 })).toEqual({ size: 0, fromEnd: false });
    expect(toPage({ last: 100 })).toEqual({ size: 100, fromEnd: true });
  });

  test.each<PageArgs>([{ first: 101 }, { first: -1 }, { last: 101 }, { first: 1.5 }, { first: 1, last: 1 }])(
    '%p is refused',
    (args) =>
      expect(() => toPage(args)).toThrow(expect.objectContaining({ type: 'BAD_PAGE_SIZE', code: 400 })),
  );

  test('starts where its cursors say, whatever is in their ids', () => {
    const place = [1_795_386_832_962, 'ö"]\u2028x'] as const;
    expect(toPage({ after: toCursor(place), before: toCursor([1, 'a']) })).toEqual({
      size: 20,
      fromEnd: false,
      after: place,
      before: [1, 'a'],
    });
  });

  const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  test.each([
    '',
    'x',
    '💥',
    encoded(null),
    encoded({}),
    encoded([]),
    encoded([1]),
    encoded([1, 2]),
    encoded(['1', 'a']),
    encoded([1.5, 'a']),
    encoded([1, 'a\0b']),
    encoded([1, 'a', 'b']),
    Buffer.from('[1e400,"a"]').toString('base64url'),
  ])('a cursor that was never given out is refused: %p', (after) => {
    expect(() => toPage({ after })).toThrow(expect.objectContaining({ type: 'BAD_CURSOR', code: 400 }));
  });
});

describe('a connection', () => {
  test('of a list that goes on leaves out the row that told so', () => {
    const { edges, pageInfo, totalCount } = toConnection(rows('1', '2', '3'), toPage({ first: 2 }), 9);
    expect(edges.map(({ node }) => node.id)).toEqual(['1', '2']);
    expect(pageInfo).toEqual({
      hasNextPage: true,
      hasPreviousPage: false,
      startCursor: toCursor([1, '1']),
      endCursor: toCursor([2, '2']),
    });
    expect(totalCount).toBe(9);
  });

  test('taken from the end leaves out the first row', () => {
    const { edges, pageInfo } = toConnection(rows('7', '8', '9'), toPage({ last: 2 }), 9);
    expect(edges.map(({ node }) => node.id)).toEqual(['8', '9']);
    expect(pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
  });

  test('after or before a cursor knows that there is something beyond it', () => {
    const cursor = toCursor([5, '5']);
    expect(toConnection(rows('6'), toPage({ after: cursor }), 9).pageInfo).toMatchObject({
      hasNextPage: false,
      hasPreviousPage: true,
    });
    expect(toConnection(rows('4'), toPage({ last: 1, before: cursor }), 9).pageInfo).toMatchObject({
      hasNextPage: true,
      hasPreviousPage: false,
    });
  });

  test('without rows has no cursors', () => {
    expect(toConnection([], toPage({}), 0)).toEqual({
      edges: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
      totalCount: 0,
    });
  });
});
