import { describe, expect, test } from '@jest/globals';
import { callerKey, SharedFetches } from './shared-fetches.ts';
import type { FetchContext } from './transport.ts';

const started = () => {
  const fetches: Array<PromiseWithResolvers<string>> = [];
  const start = (): Promise<string> => {
    const fetch = Promise.withResolvers<string>();
    fetches.push(fetch);
    return fetch.promise;
  };
  return { fetches, start };
};

describe('fetches under one key', () => {
  test('are one while it is under way, and another afterwards', async () => {
    const { fetches, start } = started();
    const shared = new SharedFetches();
    const both = [shared.join('k', {}, 's', start), shared.join('k', {}, 's', start)];
    fetches[0]!.resolve('answer');
    expect(await Promise.all(both)).toEqual(['answer', 'answer']);
    void shared.join('k', {}, 's', start);
    expect(fetches).toHaveLength(2);
  });

  test('fail together, and the next is sent again', async () => {
    const { fetches, start } = started();
    const shared = new SharedFetches();
    const both = [shared.join('k', {}, 's', start), shared.join('k', {}, 's', start)];
    fetches[0]!.reject(new Error('down'));
    const outcomes = await Promise.allSettled(both);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    void shared.join('k', {}, 's', start);
    expect(fetches).toHaveLength(2);
  });

  test('do not end for the others when the client that began it goes away', async () => {
    const { fetches, start } = started();
    const shared = new SharedFetches();
    const client = new AbortController();
    const first = shared.join('k', { signal: client.signal }, 's', start);
    const second = shared.join('k', {}, 's', start);
    client.abort();
    await expect(first).rejects.toMatchObject({ code: 'REQUEST_TIMEOUT' });
    fetches[0]!.resolve('answer');
    expect(await second).toBe('answer');
  });

  test('are waited for no longer than each request has time', async () => {
    const { fetches, start } = started();
    const shared = new SharedFetches();
    const hurried = shared.join('k', { deadline: performance.now() + 5 }, 's', start);
    const patient = shared.join('k', {}, 's', start);
    await expect(hurried).rejects.toMatchObject({ code: 'REQUEST_TIMEOUT' });
    fetches[0]!.resolve('answer');
    expect(await patient).toBe('answer');
  });
});

describe('the key of a caller', () => {
  const withMeta = (meta: unknown): FetchContext => ({ ctx: { meta } as NonNullable<FetchContext['ctx']> });

  test('tells identities and forwarded headers apart', () => {
    const contexts: FetchContext[] = [
      {},
      withMeta({ user: { id: '1', roles: [] } }),
      withMeta({ user: { id: '2', roles: [] } }),
      withMeta({ user: { id: '1', roles: ['admin'] } }),
      { headers: { authorization: 'Bearer a' } },
      { headers: { authorization: 'Bearer b' } },
    ];
    expect(new Set(contexts.map(callerKey)).size).toBe(contexts.length);
  });

  test('is the same for two requests of one caller', () => {
    const context = (trace: string): FetchContext => ({
      ...withMeta({ user: { id: '1' }, traceparent: trace }),
      headers: { authorization: 'Bearer a', traceparent: trace, 'x-request-id': trace },
    });
    expect(callerKey(context('1'))).toBe(callerKey(context('2')));
  });

  test('is missing when JSON cannot tell what the subgraph is told', () => {
    expect(callerKey(withMeta({ tenant: new Map([['id', 1]]) }))).toBeUndefined();
    expect(callerKey(withMeta({ tenant: () => 1 }))).toBeUndefined();
  });
});
