import { describe, expect, test } from '@jest/globals';
import { GraphQLError } from 'graphql';
import { masked } from './masking.ts';

describe('masked', () => {
  test('hides an error without a code and reports it in full', () => {
    const reported: GraphQLError[] = [];
    const error = new GraphQLError('connect ECONNREFUSED 10.0.0.7', {
      path: ['a'],
      originalError: new Error('secret'),
    });

    expect(masked({ data: { a: null }, errors: [error] }, (e) => reported.push(e))).toEqual({
      data: { a: null },
      errors: [
        { message: 'Internal server error', path: ['a'], extensions: { code: 'INTERNAL_SERVER_ERROR' } },
      ],
    });
    expect(reported).toEqual([error]);
  });

  test('hides the message of an INTERNAL_SERVER_ERROR, whoever set the code', () => {
    const error = new GraphQLError('SELECT * FROM users', { extensions: { code: 'INTERNAL_SERVER_ERROR' } });

    expect(JSON.stringify(masked({ errors: [error] }, () => {}))).not.toContain('SELECT');
  });

  test('reports an operation that could not be planned: that is no client’s doing', () => {
    const reported: GraphQLError[] = [];
    const error = new GraphQLError('No plan.', { extensions: { code: 'QUERY_PLANNING_FAILED' } });
    masked({ errors: [error] }, (e) => reported.push(e));

    expect(reported).toEqual([error]);
  });

  test('keeps code and details, and never a stack', () => {
    const extensions = {
      code: 'OUT_OF_STOCK',
      available: 2,
      stacktrace: ['at x'],
      exception: {},
      stack: 'at y',
    };

    expect(
      masked({ data: null, errors: [new GraphQLError('Only 2 left', { extensions })] }, () => {}),
    ).toEqual({
      data: null,
      errors: [{ message: 'Only 2 left', extensions: { code: 'OUT_OF_STOCK', available: 2 } }],
    });
  });

  test('leaves data out when nothing ran, and errors when there are none', () => {
    expect(
      masked({ errors: [new GraphQLError('x', { extensions: { code: 'X' } })] }, () => {}),
    ).not.toHaveProperty('data');
    expect(masked({ data: { a: 1 }, errors: [] }, () => {})).toEqual({ data: { a: 1 } });
  });
});
