import { expect, test } from '@jest/globals';
import { textOfParams, writeRequest } from './text-params.ts';

const params = { query: '{ a "ä" }', variables: { n: [1, null] } };
const text = JSON.stringify(params);
const payload = { id: '1', action: 'a.b', params, meta: { user: 'x' }, timeout: 5, ver: '5', sender: 'n' };

test('a request written around the text of its params is the request', () => {
  expect(JSON.parse(writeRequest(payload, text))).toEqual(payload);
});

test('the text counts only for the params that it is of', () => {
  const options = { textParams: { params, text } };
  expect(textOfParams(payload, options)).toBe(text);
  expect(textOfParams({ ...payload, params: { ...params } }, options)).toBeUndefined();
  expect(textOfParams(payload, {})).toBeUndefined();
});
