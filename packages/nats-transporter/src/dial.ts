import { setTimeout as delay } from 'node:timers/promises';
import { type ConnectionOptions, connect, ErrorCode, type NatsConnection, NatsError } from 'nats';
import { NatsConfigurationError } from './errors.ts';

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;

/**
 * The first connection: tries until it stands or `signal` is aborted (then undefined). `onWaiting` is called when the
 * reason for not being connected changes, not at each attempt.
 *
 * @throws NatsConfigurationError where waiting cannot help: login refused, certificate not trusted, TLS not offered.
 */
export async function dial(
  options: ConnectionOptions,
  signal: AbortSignal,
  onWaiting: (reason: string) => void,
): Promise<NatsConnection | undefined> {
  let told: string | undefined;
  for (let wait = FIRST_WAIT_MS; !signal.aborted; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    try {
      return await connect(options);
    } catch (error) {
      const refusal = explainRefusal(error, options);
      if (refusal) throw new NatsConfigurationError(refusal, error);
      const reason = messageOf(error);
      if (reason !== told) onWaiting(reason);
      told = reason;
    }
    // Half of it random: after an outage of the server a whole mesh dials at once.
    await delay(wait * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}

const TLS_CODES = /^(CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH)/;

const messageOf = (error: unknown): string =>
  (error as Partial<Error> | null)?.message?.trim() || String(error);

function explainRefusal(error: unknown, options: ConnectionOptions): string | undefined {
  const code = (error as { code?: string } | null)?.code;
  const where = [options.servers ?? []].flat().join(', ');
  if (error instanceof NatsError && error.isAuthError()) {
    const who = options.user ? `user '${String(options.user)}'` : 'the credentials given';
    return `NATS at ${where} refuses ${who}: ${messageOf(error)}`;
  }
  if (code === ErrorCode.BadCreds || code === ErrorCode.InvalidOption)
    return `NATS client: ${messageOf(error)}`;
  if (code === ErrorCode.ServerOptionNotAvailable)
    return `NATS at ${where} does not offer ${messageOf(error)}`;
  if (code === ErrorCode.Tls || (code && TLS_CODES.test(code))) {
    return `TLS with NATS at ${where} failed: ${messageOf(error)}`;
  }
  return undefined;
}
