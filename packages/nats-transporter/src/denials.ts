import { PermissionDeniedError } from './errors.ts';

/** Subjects that the server's permissions keep from this node; each is told once. */
export class Denials {
  readonly #told = new Set<string>();
  readonly #nodeID: string;
  readonly #tell: (error: Error) => void;
  /** The first subscription refused, if any. */
  subscription: PermissionDeniedError | undefined;

  constructor(nodeID: string, tell: (error: Error) => void) {
    this.#nodeID = nodeID;
    this.#tell = tell;
  }

  add(operation: 'publish' | 'subscribe', subject: string): PermissionDeniedError {
    const error = new PermissionDeniedError({ operation, subject, nodeID: this.#nodeID });
    if (operation === 'subscribe') this.subscription ??= error;
    if (!this.#told.has(subject)) this.#tell(error);
    this.#told.add(subject);
    return error;
  }
}
