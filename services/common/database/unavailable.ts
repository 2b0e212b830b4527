/** The database is not to be had: its server is away, or says no. The message is one line for whoever runs the shop. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';

  constructor(service: string, cause: unknown) {
    super(`${service}: its database cannot be used: ${reason(cause)}`, { cause });
  }
}

/** The first line of what went wrong. Node reports several addresses refused at once as an error without a message. */
export function reason(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  return (message || code || String(error)).split('\n', 1)[0] ?? '';
}
