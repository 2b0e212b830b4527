import type { NatsConnection, Subscription } from 'nats';

export interface BalancedSubject {
  readonly topic: string;
  readonly queue: string;
  readonly command: string;
}

/** The part of a local service's description that needs queue subscriptions when NATS balances. */
export interface BalancedService {
  readonly name: string;
  readonly actions?: Readonly<Record<string, unknown>>;
  readonly events?: Readonly<Record<string, { readonly group?: string }>>;
}

/** Subjects as Moleculer's own NATS transporter names them, so that both can be in one mesh. */
export function balancedSubjects(prefix: string, services: readonly BalancedService[]): BalancedSubject[] {
  return services.flatMap((service) => [
    ...Object.keys(service.actions ?? {}).map((action) => ({
      topic: `${prefix}.REQB.${action}`,
      queue: action,
      command: 'REQ',
    })),
    ...Object.entries(service.events ?? {}).map(([event, { group }]) => ({
      topic: `${prefix}.EVENTB.${group ?? service.name}.${event}`.replace(/\*\*.*$/g, '>'),
      queue: group ?? service.name,
      command: 'EVENT',
    })),
  ]);
}

/** The queue subscriptions that stand, changed by difference: what stays is never touched, what goes is drained. */
export class BalancedSubscriptions {
  readonly #standing = new Map<string, Subscription>();

  /**
   * @param subscribe makes one subscription; its messages may arrive as soon as it returns.
   * @returns whether something was added, so that the caller flushes before it announces.
   */
  update(wanted: readonly BalancedSubject[], subscribe: (subject: BalancedSubject) => Subscription): boolean {
    const keys = new Map(wanted.map((subject) => [`${subject.queue} ${subject.topic}`, subject]));
    let added = false;
    for (const [key, subject] of keys) {
      const standing = this.#standing.get(key);
      if (standing && !standing.isClosed()) continue;
      this.#standing.set(key, subscribe(subject));
      added = true;
    }
    for (const [key, subscription] of this.#standing) {
      if (keys.has(key)) continue;
      this.#standing.delete(key);
      if (!subscription.isClosed()) void subscription.drain().catch(() => undefined);
    }
    return added;
  }

  /** Forgets everything, as after the end of `client`. */
  clear(): void {
    this.#standing.clear();
  }
}

/** Resolves when the server has seen everything sent so far; false when the connection broke meanwhile. */
export async function flushed(client: NatsConnection): Promise<boolean> {
  try {
    await client.flush();
    return true;
  } catch {
    return false;
  }
}
