import { expect, test } from '@jest/globals';
import { euros } from '../common/money.ts';
import { type MailKind, mailId } from './mail.ts';
import { renderMail } from './render-mail.ts';

const recipient = { name: 'Ada', productNames: new Map([['p1', 'Stool']]) };

test('an order’s mail lists what was bought, by name where it is known, and the total', () => {
  const items = [
    { productId: 'p1', quantity: 2 },
    { productId: 'p2', quantity: 1 },
  ];
  const { subject, body } = renderMail(
    { kind: 'ORDER_PLACED', subjectId: 'o1', userId: 'u1', items, total: euros(12_305) },
    recipient,
  );
  expect(subject).toBe('Your order o1');
  expect(body).toBe(
    'Hello Ada,\n\nthank you, we have received your order:\n\n  2 × Stool\n  1 × p2\n  Total: 123.05 EUR\n\nYour shop',
  );
});

test.each<MailKind>(['WELCOME', 'ORDER_CONFIRMED', 'ORDER_CANCELLED', 'ORDER_SHIPPED'])(
  'a mail of kind %s needs no more than whom it is for',
  (kind) => {
    const { subject, body } = renderMail({ kind, subjectId: 'x1', userId: 'u1' }, recipient);
    expect(subject).not.toBe('');
    expect(body).not.toMatch(/undefined|\n{3}/);
  },
);

test('nothing that a user or a merchant may name becomes markup', () => {
  const evil = '<script>alert("1")</script>&\'';
  const { html, body } = renderMail(
    {
      ...{ kind: 'ORDER_CANCELLED', subjectId: 'o1', userId: 'u1', reason: evil },
      items: [{ productId: 'p1', quantity: 1 }],
    },
    { name: evil, productNames: new Map([['p1', evil]]) },
  );
  expect(html.replaceAll(/<\/?(p|ul|li)>/g, '')).not.toMatch(/[<>"']/);
  expect(html.split('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;')).toHaveLength(4);
  expect(body).toContain(evil);
});

test('a mail has one id, whenever it is asked for', () => {
  const request = { kind: 'WELCOME', subjectId: 'u1', userId: 'u1' } as const;
  expect(mailId(request)).toBe(mailId({ ...request }));
  expect(mailId(request)).not.toBe(mailId({ ...request, kind: 'ORDER_PLACED' }));
});
