/** The edge of every command: one line for what a person can mend, a stack for what only we can. */

/** The command line itself is wrong. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A server we need, or the port we want, is not to be had. The message is one line. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
}

/** Runs a command; whatever it throws is explained on stderr and ends the process with exit code 1. */
export async function runCommand(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    process.exit(1);
  }
}

/** One line when the error is somebody's to mend outside the code, by name because each package has its own classes. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Which variable names a file is the application's to know, not the package's.
  if (error.name === 'SubgraphsFileError')
    return `SUBGRAPHS_FILE takes a list of subgraphs. ${error.message}`;
  if ((error as { code?: unknown }).code === 'CHANNEL_IN_USE')
    return `${error.message}: stop that one, or set another DATA_DIR`;
  if (isForPeople(error)) return error.message;
  const { code } = error as NodeJS.ErrnoException;
  if (code?.startsWith('ERR_PARSE_ARGS')) return `${error.message.split('\n')[0]} (see --help)`;
  if (code === 'EADDRINUSE') return portInUse(error as NodeJS.ErrnoException & { port?: number });
  return error.stack ?? error.message;
}

/** Configuration, usage or surroundings are at fault: the message says what to change, a stack would say nothing. */
export function isForPeople(error: unknown): boolean {
  return error instanceof Error && forPeople.has(error.name);
}

const forPeople = new Set([
  'ConfigError',
  'UsageError',
  'UnavailableError',
  'ProgramNotFoundError',
  'ListenError',
  'NatsConfigurationError',
  'PermissionDeniedError',
  'BrokerOptionsError',
  'ServiceSchemaError',
]);

export function portInUse(error: { readonly address?: string; readonly port?: number }): string {
  const where = `${error.address ?? 'localhost'}:${error.port ?? '?'}`;
  return `PORT takes a free port: ${where} is in use by another process (PORT=0 picks one)`;
}
