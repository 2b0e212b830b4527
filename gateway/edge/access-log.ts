import type { Logger } from 'moleculer';

/** One line per answered request. Holds no variables, no documents, no tokens: logs are read by many. */
export interface AccessEntry {
  readonly requestId: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly method: string;
  /** Without its query string, which may hold variables. */
  readonly path: string;
  readonly status: number;
  /** Milliseconds from the request's arrival to its answer's end. */
  readonly ms: number;
  readonly operation?: string | undefined;
  readonly outcome?: string | undefined;
  /** Codes of the errors sent. */
  readonly codes?: readonly string[] | undefined;
  readonly user?: string | undefined;
}

/** Writes the entry as fields (pino) with a message for eyes. */
export function logAccess(logger: Logger, entry: AccessEntry): void {
  const what = entry.operation ? ` ${entry.operation}` : '';
  logger.info(entry, `${entry.method} ${entry.path}${what} ${entry.status} ${entry.ms.toFixed(1)} ms`);
}
