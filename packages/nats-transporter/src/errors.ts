import { Errors } from 'moleculer';

/**
 * The request reached nobody: NATS answered that no one listens on the target's subject. It never ran, so it may be
 * sent again whatever it does.
 */
export class UndeliveredError extends Errors.MoleculerRetryableError {
  constructor(data: { readonly action: string | undefined; readonly nodeID: string | null }) {
    const whom = data.nodeID ? `node '${data.nodeID}'` : 'any node';
    super(`The request '${data.action}' could not be delivered to ${whom}.`, 503, 'UNDELIVERED', data);
  }
}

/**
 * A packet is larger than the NATS server takes (its `max_payload`), an answer larger than a node puts together from
 * parts. Nothing was sent. Sizes are in bytes.
 */
export class PayloadTooLargeError extends Errors.MoleculerClientError {
  constructor(data: {
    readonly what: string;
    readonly size: number;
    readonly limit: number;
    readonly whose: 'server' | 'node';
  }) {
    const taker = data.whose === 'server' ? 'the NATS server' : 'a node';
    const name = data.whose === 'server' ? ' (max_payload)' : ', in parts';
    super(
      `${data.what} has ${data.size} bytes; ${taker} takes at most ${data.limit}${name}.`,
      413,
      'PAYLOAD_TOO_LARGE',
      data,
    );
  }
}

/** The server's permissions do not let this node publish or subscribe to `subject`. */
export class PermissionDeniedError extends Errors.MoleculerError {
  constructor(data: {
    readonly operation: 'publish' | 'subscribe';
    readonly subject: string;
    readonly nodeID: string;
  }) {
    const verb = data.operation === 'publish' ? 'publish to' : 'subscribe to';
    super(
      `NATS does not permit node '${data.nodeID}' to ${verb} '${data.subject}'.`,
      403,
      'NATS_PERMISSION_DENIED',
      data,
    );
  }
}

/** The node cannot join with this configuration: credentials refused, TLS not trusted, a file missing. Waiting does not help. */
export class NatsConfigurationError extends Errors.MoleculerError {
  constructor(message: string, cause?: unknown) {
    super(message, 500, 'NATS_CONFIGURATION_ERROR');
    if (cause !== undefined) this.cause = cause;
  }
}
