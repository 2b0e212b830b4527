import { describe, expect, test } from '@jest/globals';
import { afterOperation, type ChargeState, earlierThan, type Operation } from './charge.ts';

const stateAfter = (operations: readonly Operation[], token = 'tok_visa') =>
  operations.reduce<ChargeState | undefined>(
    (state, operation) => afterOperation(state, operation, token),
    undefined,
  );

describe('a charge', () => {
  test.each<[Operation[], ChargeState | undefined]>([
    [['authorize'], 'authorized'],
    [['authorize', 'capture'], 'captured'],
    [['authorize', 'capture', 'capture'], 'captured'],
    [['authorize', 'void'], 'voided'],
    [['authorize', 'capture', 'refund'], 'refunded'],
    [['authorize', 'capture', 'refund', 'refund'], 'refunded'],
    // Not possible: nothing changes.
    [['capture'], undefined],
    [['authorize', 'capture', 'void'], 'captured'],
    [['authorize', 'void', 'capture'], 'voided'],
    [['authorize', 'capture', 'refund', 'capture'], 'refunded'],
    // Undone before it is done.
    [['void', 'authorize'], 'voided'],
    [['void', 'authorize', 'capture'], 'voided'],
    [['refund', 'authorize', 'capture'], 'voided'],
    [['authorize', 'refund', 'capture'], 'voided'],
  ])('after %p is %p', (operations, state) => {
    expect(stateAfter(operations)).toBe(state);
  });

  test('that is declined stays so', () => {
    expect(stateAfter(['authorize'], 'tok_declined')).toBe('declined');
    expect(stateAfter(['authorize', 'authorize', 'capture', 'void', 'refund'], 'tok_declined')).toBe(
      'declined',
    );
  });
});

test('an answer noted late replaces none that came after it', () => {
  expect(earlierThan('authorized')).toEqual([]);
  expect(earlierThan('captured')).toEqual(['authorized']);
  expect(earlierThan('voided')).toEqual(['authorized', 'captured']);
});
