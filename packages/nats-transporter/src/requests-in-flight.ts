import type { Transit } from 'moleculer';
import { UndeliveredError } from './errors.ts';
import { markNeverRan } from './never-ran.ts';

/** Ends requests of this node before their answer, which can no longer come. Works on Moleculer's own table of them. */
export class RequestsInFlight {
  readonly #transit: Transit;

  constructor(transit: Transit) {
    this.#transit = transit;
  }

  get(contextId: string): Transit.TransitRequest | undefined {
    return this.#transit.pendingRequests.get(contextId);
  }

  /** @returns false when nobody waits for that request any more. */
  fail(contextId: string, error: Error): boolean {
    const pending = this.get(contextId);
    if (!pending) return false;
    this.#transit.removePendingRequest(contextId);
    pending.reject(error);
    return true;
  }

  /** The server found no listener for it: it never ran. */
  failUndelivered(contextId: string, { ctx, nodeID }: Transit.TransitRequest): void {
    const error = new UndeliveredError({ action: ctx.action?.name, nodeID });
    this.fail(contextId, markNeverRan(error, contextId));
  }

  /** All that went to `subject`, as the transporter names it. */
  failAllTo(subject: string, prefix: string, error: Error): void {
    for (const [id, { nodeID, ctx }] of this.#transit.pendingRequests) {
      const topic = nodeID ? `${prefix}.REQ.${nodeID}` : `${prefix}.REQB.${ctx.action?.name}`;
      if (topic === subject) this.fail(id, error);
    }
  }
}
