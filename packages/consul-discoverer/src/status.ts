/** How the discoverer stands with Consul: for health checks, the log (one line a change) and `$discoverer.*` events. */
import type { ConsulError, ConsulFailure } from './errors.ts';

export interface DiscovererStatus {
  /** Consul answers and its list is being followed. */
  readonly connected: boolean;
  /** This node and its services are in Consul as they are now. */
  readonly registered: boolean;
  /** What is wrong, in one sentence that says what to do where that is known. */
  readonly error: { readonly failure: ConsulFailure; readonly message: string } | undefined;
  /** Epoch milliseconds of the last change. */
  readonly since: number;
}

/** The parts that report: following the list, registering oneself, seeing oneself in the list. */
export type Part = 'watch' | 'registration' | 'self';

export interface StatusEvents {
  /** Once for each change of what is wrong, or of nothing being wrong any more. */
  readonly changed: (status: DiscovererStatus, error: ConsulError | undefined) => void;
}

/** The worst first: a wrong token explains an incomplete list, an unreachable agent everything else. */
const ORDER: readonly Part[] = ['registration', 'watch', 'self'];

export class StatusBoard {
  private readonly events: StatusEvents;
  private readonly errors = new Map<Part, ConsulError>();
  private readonly fine = new Set<Part>();
  private key = 'starting';
  private since = Date.now();

  constructor(events: StatusEvents) {
    this.events = events;
  }

  get status(): DiscovererStatus {
    const error = this.worst();
    return {
      connected: this.fine.has('watch'),
      registered: this.fine.has('registration'),
      error: error ? { failure: error.failure, message: error.message } : undefined,
      since: this.since,
    };
  }

  ok(part: Part): void {
    this.errors.delete(part);
    this.fine.add(part);
    this.publish();
  }

  failed(part: Part, error: ConsulError): void {
    this.errors.set(part, error);
    this.fine.delete(part);
    this.publish();
  }

  private worst(): ConsulError | undefined {
    return ORDER.map((part) => this.errors.get(part)).find((error) => error !== undefined);
  }

  private publish(): void {
    const error = this.worst();
    // "Connection refused", "reset" and "timed out" are one state to whoever reads the log.
    const what = error?.failure === 'unreachable' ? 'unreachable' : (error?.message ?? 'ok');
    if (what === 'ok' && !(this.fine.has('watch') && this.fine.has('registration'))) return;
    if (what === this.key) return;
    this.key = what;
    this.since = Date.now();
    this.events.changed(this.status, error);
  }
}
