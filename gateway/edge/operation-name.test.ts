import { describe, expect, test } from '@jest/globals';
import { createNameBound, operationName } from './operation-name.ts';

describe('operationName', () => {
  test.each([
    ['query Cart { a }', 'Cart'],
    ['mutation   Pay($x: Int) { a }', 'Pay'],
    ['# query Fake\n  query Real { a }', 'Real'],
    ['{ a }', undefined],
    ['query { a }', undefined],
    ['fragment F on T { a } query Late { a }', undefined],
  ])('reads %p as %p', (query, name) => {
    expect(operationName({ query })).toBe(name);
  });

  test('prefers the name the request gives, if it is one', () => {
    expect(operationName({ query: 'query A { a } query B { a }', operationName: 'B' })).toBe('B');
    expect(operationName({ query: '{ a }', operationName: 'x"} evil 1\n' })).toBeUndefined();
  });

  test('takes linear time over a hostile document', () => {
    expect(operationName({ query: `${'#\n'.repeat(400)}${' ,'.repeat(100_000)}` })).toBeUndefined();
  });
});

describe('createNameBound', () => {
  test('keeps the first names and counts the rest together', () => {
    const bound = createNameBound(2);

    expect(['A', 'B', 'C', 'A', undefined].map(bound)).toEqual(['A', 'B', 'other', 'A', 'anonymous']);
  });
});
