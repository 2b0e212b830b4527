/** One attempt at a GraphQL operation. */

/** There was no whole answer. `code`: the first error's, or in lower case the client's own word for what happened. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
  readonly code: string;

  constructor(code: string, message = code) {
    super(message);
    this.code = code;
  }
}

interface Answer<T> {
  readonly data?: T | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

/** @throws NoAnswerError also when there are data beside errors: half an answer is none. */
export async function post<T>(
  url: string,
  token: string,
  operation: { readonly query: string; readonly variables: object },
  timeoutMs: number,
): Promise<T> {
  try {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify(operation),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const { data, errors } = (await response.json()) as Answer<T>;
    if (data && !errors) return data;
    throw new NoAnswerError(errors?.[0]?.extensions?.code ?? 'no data', errors?.[0]?.message);
  } catch (error) {
    if (error instanceof NoAnswerError) throw error;
    const { name, message, cause } = error as Error & { cause?: { code?: string } };
    throw new NoAnswerError(name === 'TimeoutError' ? 'timeout' : (cause?.code ?? 'no answer'), message);
  }
}
