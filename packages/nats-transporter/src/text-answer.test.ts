import { describe, expect, test } from '@jest/globals';
import { idOfText, readTextAnswer } from './text-answer.ts';

const packet = (data: unknown, meta: unknown = {}): string =>
  JSON.stringify({ id: 'c-1', meta, success: true, data, ver: '5', sender: 'node-1' });

describe('an answer left as text', () => {
  test.each([
    ['a map', { a: [1, null, 'b'] }, {}],
    ['a text that spells the marks', ',"success":true,"data":{},"ver":"4","sender":"x"}', {}],
    ['a map that ends like a packet', { a: { ver: '4', sender: 'x' }, ver: '6', sender: 'y' }, {}],
    ['null', null, {}],
    ['with meta that spells the marks', { a: 1 }, { note: ',"success":true,"data":', user: { id: '1' } }],
  ])('is the data of the packet: %s', (_, data, meta) => {
    const text = packet(data, meta);
    expect(idOfText(text)).toBe('c-1');
    const payload = readTextAnswer(text)?.payload as unknown as Record<string, unknown>;
    expect({ ...payload, data: JSON.parse(String(payload.data)) }).toEqual(JSON.parse(text));
  });

  test.each([
    ['meta that is a packet', packet({ a: 1 }, { inner: { x: 1, success: true, data: { b: 2 } } })],
    [
      'a failure',
      JSON.stringify({ id: 'c', meta: {}, success: false, data: null, error: {}, ver: '5', sender: 'n' }),
    ],
    ['no data', JSON.stringify({ id: 'c', meta: {}, success: true, ver: '5', sender: 'n' })],
    ['data last', JSON.stringify({ id: 'c', ver: '5', sender: 'n', meta: {}, success: true, data: {} })],
    ['data that is a packet, last', '{"id":"c","success":true,"data":{"a":1,"ver":"5","sender":"n"}}'],
    ['no JSON', 'hello'],
  ])('is nothing for %s, which is then read as a whole', (_, text) => {
    expect(readTextAnswer(text)).toBeUndefined();
  });
});
