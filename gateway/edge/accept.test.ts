import { describe, expect, test } from '@jest/globals';
import { negotiate } from './accept.ts';

const offered = ['application/graphql-response+json', 'application/json', 'text/html'] as const;

describe('negotiate', () => {
  test.each([
    [undefined, 'application/json', false],
    ['*/*', 'application/json', false],
    ['application/*', 'application/json', false],
    ['application/json', 'application/json', true],
    ['application/json; charset=utf-8', 'application/json', true],
    ['APPLICATION/JSON', 'application/json', true],
    ['application/graphql-response+json', 'application/graphql-response+json', false],
    ['application/graphql-response+json, application/json;q=0.9', 'application/graphql-response+json', false],
    [
      'application/json;q=0.5, application/graphql-response+json;q=0.8',
      'application/graphql-response+json',
      false,
    ],
    ['application/json, application/graphql-response+json', 'application/json', true],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'text/html', false],
    ['text/xml, */*;q=0.1', 'application/json', false],
  ])('takes %s to mean %s', (accept, type, legacy) => {
    expect(negotiate(accept, offered)).toEqual({ type, legacy });
  });

  test.each([['text/xml'], ['application/json;q=0'], ['application/json;q=nonsense'], ['']])(
    'finds nothing in %p',
    (accept) => {
      expect(negotiate(accept, offered)).toBeUndefined();
    },
  );

  test('does not offer HTML where there is none', () => {
    expect(negotiate('text/html', ['application/json'])).toBeUndefined();
  });
});
