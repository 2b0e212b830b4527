import { describe, expect, test } from '@jest/globals';
import { type OrderInput, orderSaga } from './order.fixture.ts';
import type { SagaRecord } from './saga.ts';
import { advance, begin, dueAt, postpone, resume } from './transition.ts';

const T = 1_000_000;
const started = () => begin(orderSaga, '7', { total: 5 }, { source: '/orders' }, T);
const given = (...inputs: OrderInput[]): SagaRecord =>
  inputs.reduce((record, input) => advance(orderSaga, record, input, T), started());
const reserved: OrderInput = { type: 'replied', command: 'reserve', result: null };
const declined: OrderInput = {
  type: 'failed',
  command: 'authorize',
  error: { code: 'DECLINED', message: 'no' },
  certain: true,
};
const released: OrderInput = { type: 'replied', command: 'release', result: null };
const names = (record: SagaRecord) => record.pending.map(({ name }) => name);

describe('an instance', () => {
  test('begins with what its saga decides on `started`, due at once', () => {
    const record = started();
    expect(names(record)).toEqual(['reserve']);
    expect(record.timers).toEqual([{ name: 'giveUp', dueAt: T + 60_000 }]);
    expect(dueAt(record)).toBe(T);
  });

  test('goes from command to command to its end', () => {
    const record = given(reserved, { type: 'replied', command: 'authorize', result: {} });
    expect(record).toMatchObject({ status: 'done', outcome: 'confirmed', pending: [], timers: [] });
    expect(record.journal.map(({ what }) => what)).toEqual([
      'started',
      'sent reserve',
      'replied reserve',
      'sent authorize',
      'replied authorize',
    ]);
    expect(dueAt(record)).toBeUndefined();
  });

  test('undoes by name what was done when a later step is refused', () => {
    const record = given(reserved, declined);
    expect(record.pending).toMatchObject([{ name: 'release', of: 'reserve', action: 'stock.release' }]);
    expect(given(reserved, declined, released)).toMatchObject({ status: 'done', outcome: 'cancelled' });
  });

  test('ignores replies that are late or doubled, timers that are cancelled, and events after its end', () => {
    const after = given(reserved, declined);
    expect(advance(orderSaga, after, reserved, T)).toBe(after);
    expect(advance(orderSaga, after, { type: 'timer', name: 'giveUp' }, T)).toBe(after);
    const done = given(reserved, declined, released);
    expect(advance(orderSaga, done, { type: 'event', event: { type: 'cancel' } }, T)).toBe(done);
  });

  test('is raised in version by each change', () => {
    expect(given().version).toBe(1);
    expect(given(reserved).version).toBe(2);
  });
});

describe('a command that gets no answer', () => {
  const lost = { code: 'REQUEST_TIMEOUT', message: 'timed out' };
  const often = (record: SagaRecord, command: string, times: number) => {
    let next = record;
    for (let i = 0; i < times; i++) next = postpone(orderSaga, next, command, lost, T);
    return next;
  };

  test('is tried again, later each time, and then counts as failed without certainty', () => {
    const twice = often(started(), 'reserve', 2);
    expect(twice.pending[0]).toMatchObject({ attempts: 2 });
    expect(dueAt(twice)).toBeGreaterThanOrEqual(T + 100);
    const given = often(started(), 'reserve', 10);
    expect(given).toMatchObject({ status: 'done', outcome: 'cancelled', pending: [] });
    expect(given.journal.at(-1)?.what).toBe('failed reserve: REQUEST_TIMEOUT');
  });

  test('is never given up when it undoes another; the saga is stuck, with the reason, and goes on by itself', () => {
    const stuck = often(given(reserved, declined), 'release', 12);
    expect(stuck).toMatchObject({
      status: 'stuck',
      reason: {
        code: 'REQUEST_TIMEOUT',
        message: 'release (compensation of reserve) failed 12 times: timed out',
      },
    });
    expect(dueAt(stuck)).toBeGreaterThan(T);
    expect(advance(orderSaga, stuck, released, T)).toMatchObject({ status: 'done', outcome: 'cancelled' });
  });
});

describe('a fault of the saga', () => {
  test('leaves the instance stuck as it was, with the reason, until it is resumed', () => {
    const broken = { ...given(), state: { total: -1, step: 'reserving' } };
    const stuck = advance(orderSaga, broken, reserved, T);
    expect(stuck).toMatchObject({
      status: 'stuck',
      reason: { code: 'SAGA_FAULT', message: 'replied reserve: negative total' },
      state: broken.state,
    });
    expect(names(stuck)).toEqual(['reserve']);
    expect(dueAt(stuck)).toBeUndefined();
    const resumed = resume(stuck, T + 5);
    expect(resumed).toMatchObject({ status: 'running' });
    expect(resumed).not.toHaveProperty('reason');
    expect(dueAt(resumed)).toBe(T + 5);
  });

  test('is also a command name used twice: its idempotency key would be that of the first', () => {
    const twice = {
      ...orderSaga,
      decide: () => [{ kind: 'call' as const, name: 'reserve', action: 'a', params: {} }],
    };
    expect(advance(twice, started(), { type: 'event', event: null }, T).reason?.message).toContain(
      'was sent before',
    );
  });
});
