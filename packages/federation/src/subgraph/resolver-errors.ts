import { GraphQLError } from 'graphql';
import { Errors } from 'moleculer';
import type { FederationErrorCode } from '../errors.ts';

export interface Translated {
  readonly message: string;
  readonly extensions: Readonly<Record<string, unknown>>;
  /** How loudly the original belongs in the log; undefined when it is the client's own doing. */
  readonly log?: 'warn' | 'error';
}

/** Moleculer errors that say a call was not answered, by `type`. */
const unanswered: Readonly<Record<string, FederationErrorCode>> = {
  SERVICE_NOT_FOUND: 'SUBGRAPH_UNAVAILABLE',
  SERVICE_NOT_AVAILABLE: 'SUBGRAPH_UNAVAILABLE',
  REQUEST_REJECTED: 'SUBGRAPH_UNAVAILABLE',
  QUEUE_FULL: 'SUBGRAPH_UNAVAILABLE',
  BAD_GATEWAY: 'SUBGRAPH_UNAVAILABLE',
  REQUEST_TIMEOUT: 'SUBGRAPH_TIMEOUT',
  REQUEST_SKIPPED: 'SUBGRAPH_TIMEOUT',
};

/**
 * What a client may know of an error thrown by a resolver.
 *
 * | thrown                                     | message  | `extensions.code`                            |
 * | ------------------------------------------ | -------- | -------------------------------------------- |
 * | GraphQLError with `extensions.code`        | its own  | its own, with its other extensions           |
 * | Moleculer ValidationError                  | fields'  | BAD_USER_INPUT, `extensions.fields`          |
 * | Moleculer error with `code` 400–499        | its own  | its `type`, or BAD_USER_INPUT                |
 * | one that is retryable, with `code` 503     | its own  | its `type`, or SUBGRAPH_UNAVAILABLE          |
 * | an inner call that nobody answered         | ours     | SUBGRAPH_UNAVAILABLE, SUBGRAPH_TIMEOUT       |
 * | anything else                              | ours     | INTERNAL_SERVER_ERROR                        |
 */
export function translateError(thrown: unknown): Translated {
  if (thrown instanceof GraphQLError && typeof thrown.extensions.code === 'string') {
    return { message: thrown.message, extensions: thrown.extensions };
  }
  if (thrown instanceof Errors.MoleculerError) {
    const code = unanswered[thrown.type];
    if (code === 'SUBGRAPH_TIMEOUT')
      return ours(code, 'A service that is needed here did not answer in time.', 'warn');
    if (code) return ours(code, 'A service that is needed here is unavailable.', 'warn');
    if (thrown instanceof Errors.ValidationError) return invalid(thrown);
    if (thrown.code >= 400 && thrown.code < 500) {
      return {
        message: thrown.message,
        extensions: { code: thrown.type || ('BAD_USER_INPUT' satisfies FederationErrorCode) },
      };
    }
    if (thrown.code === 503 && thrown.retryable) {
      const { message, type } = thrown;
      return {
        message,
        extensions: { code: type || ('SUBGRAPH_UNAVAILABLE' satisfies FederationErrorCode) },
        log: 'warn',
      };
    }
  }
  return ours('INTERNAL_SERVER_ERROR', 'Internal server error', 'error');
}

function ours(code: FederationErrorCode, message: string, log: 'warn' | 'error'): Translated {
  return { message, extensions: { code }, log };
}

/** Leaves out each field's `actual` value, which may be a secret, and the node's id. */
function invalid(error: InstanceType<typeof Errors.ValidationError>): Translated {
  const found: unknown[] = Array.isArray(error.data) ? error.data : [];
  const fields = found.map((item) => {
    const { field, message, type } = item as Record<string, unknown>;
    return { field, message, type };
  });
  const messages = fields.map(({ message }) => message).filter((message) => typeof message === 'string');
  return {
    message: messages.length > 0 ? messages.join(' ') : error.message,
    extensions: {
      code: 'BAD_USER_INPUT' satisfies FederationErrorCode,
      ...(fields.length > 0 ? { fields } : {}),
    },
  };
}
