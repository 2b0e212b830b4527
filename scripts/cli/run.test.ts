import { expect, test } from '@jest/globals';
import { ConfigError } from '../../environment.ts';
import { explain } from './run.ts';

test('what a person can mend is one line without a stack', () => {
  expect(explain(new ConfigError('PORT takes a port'))).toBe('PORT takes a port');
  const inUse = Object.assign(new Error('listen EADDRINUSE'), {
    code: 'EADDRINUSE',
    address: '::1',
    port: 80,
  });
  expect(explain(inUse)).toMatch(/^PORT takes a free port: ::1:80 is in use[^\n]*$/);
  const usage = Object.assign(new TypeError('Unknown option\nmore'), {
    code: 'ERR_PARSE_ARGS_UNKNOWN_OPTION',
  });
  expect(explain(usage)).toBe('Unknown option (see --help)');
});

test('what only we can mend comes with its stack', () => {
  expect(explain(new TypeError('x is undefined'))).toContain('run.test.ts');
});
