import { expect, test } from '@jest/globals';
import { compose } from './compose.ts';
import { practiceSubgraphs } from './practice.ts';

test('practice goes all the way: a fault would end it at the first step', () => {
  expect(compose(practiceSubgraphs)).toMatchObject({ supergraphSdl: expect.stringContaining('join__') });
});
