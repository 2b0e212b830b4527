import { describe, expect, test } from '@jest/globals';
import { buildSchema, GraphQLError } from 'graphql';
import { codedError } from '../coded-error.ts';
import type { QueryPlan } from '../planning/planner.ts';
import { createResponseNames } from '../planning/response-names.ts';
import { defaultLimits } from './limits.ts';
import { PreparedOperations } from './prepared-operations.ts';

/** An operation whose planner does as it is told. */
function scenario(plan: () => Promise<QueryPlan>) {
  let asked = 0;
  const planner = {
    names: createResponseNames(new Set()),
    plan: () => {
      asked += 1;
      return plan();
    },
  };
  const schema = buildSchema('type Query { a: Int }');
  const operations = new PreparedOperations(schema, planner, { limits: defaultLimits, introspection: true });
  return {
    ask: async () => {
      const prepared = operations.prepare('{ a }', undefined);
      if ('errors' in prepared) throw prepared.errors[0];
      return prepared.plan({});
    },
    asked: () => asked,
  };
}

describe('a plan', () => {
  test('is made once for those who ask at the same time, and after', async () => {
    const { ask, asked } = scenario(async () => ({ node: undefined }));
    await Promise.all([ask(), ask()]);
    await ask();
    expect(asked()).toBe(1);
  });

  test.each([
    ['of the planner’s own kind', new GraphQLError('inside', { extensions: { code: 'INVALID_GRAPHQL' } })],
    ['without a code', new GraphQLError('inside')],
    ['that is no GraphQL error', new TypeError('inside')],
  ])('that fails by an error %s is QUERY_PLANNING_FAILED, its words kept for the log', async (_, cause) => {
    const { ask } = scenario(() => Promise.reject(cause));
    await expect(ask()).rejects.toMatchObject({
      message: 'No plan could be made for this operation.',
      extensions: { code: 'QUERY_PLANNING_FAILED' },
      originalError: { message: 'inside' },
      locations: [{ line: 1, column: 1 }],
    });
  });

  test('that was given up is not tried again, nor by the next client', async () => {
    const { ask, asked } = scenario(() => Promise.reject(codedError('OPERATION_TOO_COMPLEX', 'too long')));
    for (let i = 0; i < 3; i++)
      await expect(ask()).rejects.toMatchObject({ extensions: { code: 'OPERATION_TOO_COMPLEX' } });
    expect(asked()).toBe(1);
  });

  test('that could not be tried is tried again', async () => {
    const { ask, asked } = scenario(() => Promise.reject(codedError('QUERY_PLANNING_UNAVAILABLE', 'busy')));
    for (let i = 0; i < 2; i++)
      await expect(ask()).rejects.toMatchObject({ extensions: { code: 'QUERY_PLANNING_UNAVAILABLE' } });
    expect(asked()).toBe(2);
  });
});
