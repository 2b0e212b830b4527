/** The 61 server audits of the GraphQL-over-HTTP specification, as graphql-http publishes them. */
import { describe, expect, test } from '@jest/globals';
import { serverAudits } from 'graphql-http';
import { startGateway } from './testing/start-gateway.ts';

describe('GraphQL over HTTP', () => {
  test('passes every audit without a warning or notice', async () => {
    await using gateway = await startGateway();
    const audits = serverAudits({ url: `${gateway.url}/graphql` });
    const results = [];
    for (const audit of audits) results.push(await audit.fn());

    expect(results.filter(({ status }) => status !== 'ok')).toEqual([]);
    expect(results).toHaveLength(61);
  });
});
