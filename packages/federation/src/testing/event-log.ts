import type { Context, Middleware } from 'moleculer';
import type { Activity } from './activity.ts';

/** The Moleculer events that the services of a mesh sent, `emit` and `broadcast` alike, in the order of sending. */
export class EventLog {
  readonly #payloads = new Map<string, unknown[]>();
  readonly #waiting = new Map<string, Array<PromiseWithResolvers<unknown>>>();

  add(name: string, payload: unknown): void {
    // As other nodes get it: a later change of the sender's object is not seen, nor is what JSON cannot carry.
    const sent: unknown = payload === undefined ? undefined : JSON.parse(JSON.stringify(payload));
    this.#payloads.set(name, [...this.payloads(name), sent]);
    for (const { resolve } of this.#waiting.get(name) ?? []) resolve(sent);
    this.#waiting.delete(name);
  }

  payloads(name: string): readonly unknown[] {
    return this.#payloads.get(name) ?? [];
  }

  /** Payload of the next event of that name; rejects when the log is closed first. */
  next(name: string): Promise<unknown> {
    const waiting = Promise.withResolvers<unknown>();
    // Whoever gave up waiting must not crash the process when the mesh ends.
    waiting.promise.catch(() => {});
    this.#waiting.set(name, [...(this.#waiting.get(name) ?? []), waiting]);
    return waiting.promise;
  }

  close(): void {
    for (const [name, waiting] of this.#waiting) {
      for (const { reject } of waiting)
        reject(new Error(`The mesh was stopped before any '${name}' was sent.`));
    }
    this.#waiting.clear();
  }
}

type Send = (name: string, payload?: unknown, options?: unknown) => unknown;
type Handler = (ctx: Context) => Promise<unknown>;

/** Middleware that every broker of a mesh gets. */
export function observe(events: EventLog, activity: Activity): Middleware {
  const logged =
    (next: Send): Send =>
    (name, payload, options) => {
      events.add(name, payload);
      return next(name, payload, options);
    };
  const tracked =
    (next: Handler): Handler =>
    (ctx) =>
      activity.track(next(ctx));
  const hooks = {
    name: 'TestMesh',
    emit: logged,
    broadcast: logged,
    localEvent: tracked,
    localAction: tracked,
  };
  // Moleculer's types say that such a hook returns what the wrapped method returns; it returns the wrapping method.
  return hooks as unknown as Middleware;
}
