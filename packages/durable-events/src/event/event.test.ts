import { describe, expect, test } from '@jest/globals';
import { type CloudEvent, fromMessage, toMessage } from './cloud-event.ts';
import { createReader, defineEvent } from './event-type.ts';

const schema = { type: 'object', required: ['total'], properties: { total: { type: 'integer' } } };
const orderPlaced = defineEvent<{ orderId: string; total: number }>({
  type: 'order.placed',
  version: 2,
  schema,
  key: ({ orderId }) => orderId,
});
const origin = {
  source: '/orders',
  user: { id: 'Zoë "Z" 100%', roles: ['admin'] },
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  causationId: 'cart-1',
};

describe('an event', () => {
  test('comes out of its message as it went in, and its headers are ASCII', () => {
    const event = orderPlaced.create({ orderId: 'Größe 7', total: 3 }, origin);
    const message = toMessage(event);
    expect(fromMessage(message)).toEqual(event);
    expect(message).toMatchObject({ id: event.id, key: 'Größe 7' });
    expect(Object.values(message.headers).join('')).toMatch(/^[\x21-\x7e]*$/);
    expect(message.headers).toMatchObject({
      'ce-specversion': '1.0',
      'ce-type': 'order.placed',
      'ce-dataschema': 'urn:event:order.placed:2',
      'ce-authid': 'Zo%C3%AB%20%22Z%22%20100%25',
      traceparent: origin.traceparent,
    });
  });

  test('of nobody in particular has neither user nor cause, and begins a correlation', () => {
    const event = orderPlaced.create({ orderId: '7', total: 3 }, { source: '/orders' }, 'given');
    expect(fromMessage(toMessage(event))).toEqual(event);
    expect(event).toMatchObject({ id: 'given', correlationId: 'given' });
    expect(event).not.toHaveProperty('user');
  });

  test('that does not fit its schema is not made', () => {
    expect(() => orderPlaced.create({ orderId: '7', total: 0.5 }, origin)).toThrow(
      expect.objectContaining({
        code: 'INVALID_EVENT',
        message: expect.stringContaining('/total must be integer'),
      }),
    );
  });
});

describe('a message that is no event is refused for good', () => {
  const good = toMessage(orderPlaced.create({ orderId: '7', total: 3 }, origin));
  const without = (name: string) => {
    const { [name]: _, ...headers } = good.headers;
    return { ...good, headers };
  };
  const data = (text: string) => ({ ...good, data: new TextEncoder().encode(text) });
  test.each([
    ['no attributes', { ...good, headers: {} }],
    ['no type', without('ce-type')],
    ['no schema', without('ce-dataschema')],
    ['a schema of another type', { ...good, headers: { ...good.headers, 'ce-dataschema': 'urn:event:a:1' } }],
    ['a broken attribute', { ...good, headers: { ...good.headers, 'ce-source': '%E0%A4%A' } }],
    ['claims that are not JSON', { ...good, headers: { ...good.headers, 'ce-authclaims': '{' } }],
    ['a later CloudEvents', { ...good, headers: { ...good.headers, 'ce-specversion': '2.0' } }],
    ['a payload that is not JSON', data('{"total":')],
    ['a payload that is not UTF-8', { ...good, data: Uint8Array.of(0x22, 0xff, 0x22) }],
  ])('%s', (_, message) => {
    expect(() => fromMessage(message)).toThrow(
      expect.objectContaining({ name: 'PermanentError', code: 'MALFORMED_EVENT' }),
    );
  });
});

describe('a listener', () => {
  const read = createReader('order.placed', { 1: schema, 2: schema });
  const event = (version: number, payload: unknown): CloudEvent => ({
    ...orderPlaced.create({ orderId: '7', total: 3 }, origin),
    version,
    data: payload,
  });

  test('takes the versions it knows, and fields it does not', () => {
    read(event(1, { total: 1, more: true }));
    read(event(2, { total: 1 }));
  });

  test('refuses for good what it does not know', () => {
    expect(() => read(event(3, { total: 1 }))).toThrow(
      expect.objectContaining({
        code: 'UNKNOWN_EVENT_VERSION',
        message: 'order.placed version 3; known: 1, 2',
      }),
    );
    expect(() => read(event(2, { total: '1' }))).toThrow(expect.objectContaining({ code: 'INVALID_EVENT' }));
    expect(() => read({ ...event(2, { total: 1 }), type: 'order.gone' })).toThrow(
      expect.objectContaining({ code: 'INVALID_EVENT' }),
    );
  });
});
