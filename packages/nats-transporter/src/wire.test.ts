import { describe, expect, test } from '@jest/globals';
import type { Subscription } from 'nats';
import { type BalancedSubject, BalancedSubscriptions, balancedSubjects } from './balanced-subscriptions.ts';
import { judgeInfo } from './node-info.ts';
import { inboxOf, readReplySubject, replySubject, type Undelivered } from './undelivered.ts';

describe('the subject on which an undelivered message is reported', () => {
  const inbox = inboxOf('MOL-shop', 'node-1');
  const cases: Undelivered[] = [
    { kind: 'req', contextId: '4c7d-11' },
    { kind: 'req', contextId: 'a.b*c>d e%' },
    { kind: 'node', nodeID: 'host.example.1', instanceID: 'f00' },
    { kind: 'res', number: 7 },
  ];

  test.each(cases)('carries $kind there and back, in tokens that NATS takes', (what) => {
    const subject = replySubject(inbox, what);
    expect(readReplySubject(inbox, subject)).toEqual(what);
    expect(subject).toMatch(/^MOL-shop\.UNDELIVERED\.node-1(\.[^.*>\s]+)+$/);
  });

  test.each([['MOL.RES.node-1'], [`${inbox}.what.1`], [`${inbox}.node.1`], [inbox]])(
    '%s is none',
    (subject) => {
      expect(readReplySubject(inbox, subject)).toBeUndefined();
    },
  );
});

describe('an INFO packet', () => {
  const known = { local: false, available: true, instanceID: 'i1', seq: 5 };

  test.each([
    ['news', { instanceID: 'i1', seq: 6 }, known],
    ['news', { instanceID: 'i1', seq: 5 }, known],
    ['stale', { instanceID: 'i1', seq: 4 }, known],
    ['restarted', { instanceID: 'i2', seq: 1 }, known],
    ['news', { instanceID: 'i2', seq: 1 }, { ...known, available: false }],
    ['news', { instanceID: 'i1', seq: 1 }, undefined],
  ] as const)('is %s: %j', (verdict, info, node) => {
    expect(judgeInfo({ sender: 'n', ...info }, node)).toBe(verdict);
  });
});

describe('queue subscriptions', () => {
  const subjects = balancedSubjects('MOL', [
    {
      name: 'mail',
      actions: { 'mail.send': {} },
      events: { 'order.**': {}, 'stock.*': { group: 'shared' } },
    },
  ]);

  test("have the names of Moleculer's own transporter", () => {
    expect(subjects).toEqual([
      { topic: 'MOL.REQB.mail.send', queue: 'mail.send', command: 'REQ' },
      { topic: 'MOL.EVENTB.mail.order.>', queue: 'mail', command: 'EVENT' },
      { topic: 'MOL.EVENTB.shared.stock.*', queue: 'shared', command: 'EVENT' },
    ]);
  });

  test('change by difference: what stays is not touched, what goes is drained', () => {
    const calls: string[] = [];
    const subscribe = ({ topic }: BalancedSubject) => {
      calls.push(`+${topic}`);
      const drain = async () => void calls.push(`-${topic}`);
      return { isClosed: () => false, drain } as unknown as Subscription;
    };
    const standing = new BalancedSubscriptions();
    const [first, second, third] = subjects as [BalancedSubject, BalancedSubject, BalancedSubject];
    expect(standing.update([first, second], subscribe)).toBe(true);
    calls.length = 0;
    expect(standing.update([second, third], subscribe)).toBe(true);
    expect(calls).toEqual([`+${third.topic}`, `-${first.topic}`]);
    expect(standing.update([second, third], subscribe)).toBe(false);
  });
});
