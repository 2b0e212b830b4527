import { expect, test } from '@jest/globals';
import { Errors } from 'moleculer';
import { isRefusal } from './attempt-command.ts';

const plain = (fields: object) => Object.assign(new Error('no'), fields);
const skipped = { action: 'a', nodeID: 'n' };

test.each<[string, unknown]>([
  ['a client error with a type', new Errors.MoleculerClientError('no', 409, 'OUT_OF_STOCK')],
  ['params that the callee does not take', new Errors.ValidationError('no', 'VALIDATION_ERROR')],
  ['a client error out of another process', plain({ code: 402, type: 'PAYMENT_DECLINED', retryable: false })],
])('%s is a refusal', (_, error) => {
  expect(isRefusal(error)).toBe(true);
});

test.each<[string, unknown]>([
  ['a plain error', new Error('undefined is not a function')],
  ['an error of a database driver', plain({ code: '23505' })],
  ['an error of a socket', plain({ code: 'ECONNRESET', errno: -104 })],
  ['a timeout', new Errors.RequestTimeoutError(skipped)],
  ['a request that was skipped because its time was over', new Errors.RequestSkippedError(skipped)],
  ['an action that nobody offers just now', new Errors.ServiceNotFoundError({ action: 'a' })],
  [
    'a lost connection',
    plain({ name: 'BrokerDisconnectedError', code: 502, type: 'BAD_GATEWAY', retryable: true }),
  ],
  ['an error of the callee itself', new Errors.MoleculerError('no', 500, 'BROKEN')],
  ['a client error without a type', new Errors.MoleculerClientError('no', 409)],
  ['a client error without a word on whether to try again', plain({ code: 409, type: 'CONFLICT' })],
  ['nothing', undefined],
])('%s is none: it may have happened', (_, error) => {
  expect(isRefusal(error)).toBe(false);
});
