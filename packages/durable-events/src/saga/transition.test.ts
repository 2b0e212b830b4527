import { describe, expect, test } from '@jest/globals';
import type { Answer } from './attempt-command.ts';
import { type OrderInput, orderSaga } from './order.fixture.ts';
import type { SagaRecord } from './saga.ts';
import { advance, begin, conclude, dueAt, resume, takeOver } from './transition.ts';

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

const after = (record: SagaRecord, command: string, answer: Answer, times = 1) => {
  let next = record;
  for (let i = 0; i < times; i++) next = conclude(orderSaga, next, command, answer, T);
  return next;
};
const lost: Answer = { kind: 'unanswered', error: { code: 'REQUEST_TIMEOUT', message: 'timed out' } };
const refusal: Answer = { kind: 'refused', error: { code: 'DECLINED', message: 'no' } };

describe('a command that gets no answer', () => {
  test('is tried again, later each time, and leaves the instance where it is', () => {
    const twice = after(started(), 'reserve', lost, 2);
    expect(twice).toMatchObject({ status: 'running', pending: [{ failures: 2, lastError: lost.error }] });
    expect(dueAt(twice)).toBeGreaterThanOrEqual(T + 100);
    expect(twice.journal).toEqual(started().journal);
  });

  test('is never given up; the saga is stuck, with the reason, says so once, and goes on by itself', () => {
    const stuck = after(started(), 'reserve', lost, 12);
    expect(stuck).toMatchObject({
      status: 'stuck',
      reason: { code: 'REQUEST_TIMEOUT', message: 'reserve: timed out' },
      pending: [{ failures: 12 }],
    });
    expect(stuck.journal.filter(({ what }) => what.startsWith('stuck'))).toHaveLength(1);
    expect(dueAt(stuck)).toBeGreaterThan(T);
    const on = after(stuck, 'reserve', { kind: 'replied', result: null });
    expect(on).toMatchObject({ status: 'running', pending: [{ name: 'authorize', failures: 0 }] });
    expect(on).not.toHaveProperty('reason');
  });

  test('is given up after as many attempts as it was given, without certainty', () => {
    const thrice: typeof orderSaga = {
      ...orderSaga,
      decide: (...of) =>
        orderSaga
          .decide(...of)
          .map((effect) => (effect.kind === 'call' ? { ...effect, attempts: 3 } : effect)),
    };
    const seen: unknown[] = [];
    const watched = {
      ...thrice,
      evolve: (...[state, input]: Parameters<typeof orderSaga.evolve>) => {
        seen.push(input);
        return orderSaga.evolve(state, input);
      },
    };
    let record = begin(watched, '7', { total: 5 }, { source: '/orders' }, T);
    for (let i = 0; i < 3; i++) record = conclude(watched, record, 'reserve', lost, T);
    expect(record).toMatchObject({ status: 'done', outcome: 'cancelled', pending: [] });
    expect(seen.at(-1)).toEqual({ type: 'failed', command: 'reserve', error: lost.error, certain: false });
  });
});

describe('a refusal', () => {
  const certainty = (record: SagaRecord): unknown[] => {
    const seen: unknown[] = [];
    const watched = {
      ...orderSaga,
      decide: (...[state, input]: Parameters<typeof orderSaga.decide>) => {
        seen.push('certain' in input && input.certain);
        return orderSaga.decide(state, input);
      },
    };
    conclude(watched, record, 'reserve', refusal, T);
    return seen;
  };

  test('is certain, unless an earlier attempt is in doubt: that one may be on its way still', () => {
    expect(certainty(started())).toEqual([true]);
    expect(certainty(after(started(), 'reserve', lost))).toEqual([false]);
    expect(certainty(takeOver(started()))).toEqual([false]);
  });

  test('of a compensation changes nothing: it is tried again, and the saga is stuck at once', () => {
    const stuck = after(given(reserved, declined), 'release', refusal);
    expect(stuck).toMatchObject({
      status: 'stuck',
      reason: { code: 'DECLINED', message: 'release (compensation of reserve): no' },
      pending: [{ name: 'release', failures: 1 }],
    });
    expect(dueAt(stuck)).toBeGreaterThan(T);
    expect(advance(orderSaga, stuck, released, T)).toMatchObject({ status: 'done', outcome: 'cancelled' });
  });
});

test('what is compensated while it has no answer is not tried again', () => {
  const impatient: typeof orderSaga = {
    ...orderSaga,
    decide: ({ step }, input) =>
      input.type === 'timer' && step === 'authorizing'
        ? [{ kind: 'compensate', name: 'void', of: 'authorize', action: 'payments.void', params: {} }]
        : orderSaga.decide({ total: 5, step }, input),
  };
  const waiting = after(given(reserved), 'authorize', lost);
  const record = advance(impatient, waiting, { type: 'timer', name: 'giveUp' }, T);
  expect(names(record)).toEqual(['void']);
  expect(after(record, 'authorize', { kind: 'replied', result: null })).toBe(record);
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
