/** A client of the shop that does not give up: after a lost answer it asks the same again. */
import { setTimeout as delay } from 'node:timers/promises';

export class RefusedError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const TRIES = 50;
const again: ReadonlySet<string> = new Set(['SUBGRAPH_UNAVAILABLE', 'SUBGRAPH_TIMEOUT', 'REQUEST_TIMEOUT']);

interface Answer<T> {
  readonly data?: T | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

/**
 * The data of an operation. What may have happened is asked again: send mutations with an idempotency key.
 * @throws RefusedError with the first error's code; Error when the gateway cannot be reached for long.
 */
export async function ask<T>(url: string, query: string, variables: object = {}, token = ''): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
        body: JSON.stringify({ query, variables }),
        signal: AbortSignal.timeout(30_000),
      });
      const { data, errors } = (await response.json()) as Answer<T>;
      const [error] = errors ?? [];
      if (!error && data) return data;
      throw new RefusedError(error?.extensions?.code ?? 'NO_DATA', error?.message ?? 'no data');
    } catch (error) {
      const final = error instanceof RefusedError && !again.has(error.code);
      if (final || tries === TRIES) throw error;
      await delay(200);
    }
  }
}
