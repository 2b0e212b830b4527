import { expect, test } from '@jest/globals';
import { isAway } from './away.ts';

const failed = (more: object, message = 'no') => Object.assign(new Error(message), more);

test.each<[string, object]>([
  ['a server that ends', failed({ code: '57P01' })],
  ['a server that recovers', failed({ code: '57P03' })],
  ['a server with no connection left', failed({ code: '53300' })],
  ['a lost connection', failed({ code: '08006' })],
  ['a refused socket', failed({ code: 'ECONNREFUSED' })],
  ['a connection that ended under a query', failed({}, 'Connection terminated unexpectedly')],
  ['a pool that got none in time', failed({}, 'timeout exceeded when trying to connect')],
  ['a SQLite file that stays locked', failed({ code: 'ERR_SQLITE_ERROR', errcode: 5 })],
])('%s is an outage', (_what, error) => expect(isAway(error)).toBe(true));

test.each<[string, object]>([
  ['a unique violation', failed({ code: '23505' })],
  ['a SQLite constraint', failed({ code: 'ERR_SQLITE_ERROR', errcode: 2067 })],
  ['a refusal of an action', failed({ code: 409, type: 'OUT_OF_STOCK' })],
  ['a fault of ours', new TypeError('x is not a function')],
])('%s is none', (_what, error) => expect(isAway(error)).toBe(false));
