/** A GraphQL client of ten lines. */
import { setTimeout as delay } from 'node:timers/promises';

export interface Answer {
  readonly status: number;
  readonly data?: Record<string, unknown> | null;
  readonly errors?: ReadonlyArray<{
    readonly message: string;
    readonly extensions?: { readonly code?: string };
  }>;
}

/** Sends one operation, by whoever the token names, to the gateway at `url` (its base URL); rejects only when there is no HTTP answer. */
export async function query(url: string, text: string, token = ''): Promise<Answer> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query: text }),
    signal: AbortSignal.timeout(60_000),
  });
  return { status: response.status, ...((await response.json()) as Omit<Answer, 'status'>) };
}

/**
 * Asks until the answer has no errors, which comes some time after a service's word that it has started: the gateway
 * composes then. @returns the last answer when that takes two minutes.
 */
export async function untilServed(url: string, text: string, token = ''): Promise<Answer> {
  for (const end = performance.now() + 120_000; ; ) {
    const answer = await query(url, text, token);
    if (!answer.errors || performance.now() > end) return answer;
    await delay(25);
  }
}
