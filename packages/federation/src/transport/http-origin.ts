/** What requests to one server go through. */
export interface HttpOrigin {
  /**
   * Sends a request once, at once or when a connection is free.
   *
   * @param waiter fails with a WireError, or with the system's error of its connection. Never called before this returns.
   * @throws WireError UNSENDABLE, or CLOSED when the origin is; nothing was sent.
   */
  post(request: PostRequest, waiter: Waiter): Posted;
  /** Fails what is on its way. */
  close(): Promise<void>;
}

export interface OriginLimits {
  /** Connections at once; what is more waits in line. */
  readonly connections: number;
  /** Bytes of an answer's body. */
  readonly maxResponseBytes: number;
  /** ms */
  readonly connectTimeout: number;
}

export interface PostRequest {
  /** With its query string, as a URL has it. */
  readonly path: string;
  /** Names and values in turns. Those of the connection (RFC 9110 §7.6.1) are the origin's own. */
  readonly headers: readonly string[];
  readonly body: string;
}

/** Who waits for an answer. One of both is called, once. */
export interface Waiter {
  /** @param text the body read as UTF-8. */
  answered(status: number, text: string): void;
  failed(error: Error): void;
}

export interface Posted {
  /** Gives the request up, and its connection if need be: its waiter is not called any more. */
  giveUp(): void;
}
