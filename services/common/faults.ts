/** Faults on purpose, off by default, to see what becomes of an order when a service misbehaves. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Context, Service, ServiceSchema, ServiceSettingSchema } from 'moleculer';
import { shopError } from './errors.ts';
import { type Meta, requireAdmin } from './identity.ts';
import type { Action } from './service.ts';

export interface Faults {
  /** ms before an action begins. */
  readonly delay: number;
  /** Of so many per cent of the calls: half of them before the work, half after it, so that nobody can tell. */
  readonly failPercent: number;
  /** Actions begin only when this is off again. */
  readonly hang: boolean;
  /** Each process dies in its next action, as by `kill -9`: half of them before the work, half after it. Started again, it behaves. */
  readonly crash: boolean;
}

const none: Faults = { delay: 0, failPercent: 0, hang: false, crash: false };

/** On the mesh: every replica of `service` behaves so from now on. */
interface FaultsChanged extends Faults {
  readonly service: string;
}
const FAULTS_CHANGED = 'faults.changed';

interface FaultyLocals {
  failAfterwards?: boolean;
}

type FaultyService = Service & { faults: Faults; faultsChanged: AbortController };

const setFaults = {
  idempotent: true,
  visibility: 'public',
  params: {
    delay: { type: 'number', integer: true, min: 0, max: 600_000, convert: true, default: 0 },
    failPercent: { type: 'number', min: 0, max: 100, convert: true, default: 0 },
    hang: { type: 'boolean', convert: true, default: false },
    crash: { type: 'boolean', convert: true, default: false },
    $$strict: true,
  },
  /** @throws UNAUTHENTICATED, FORBIDDEN */
  async handler(this: FaultyService, ctx: Context<Faults, Meta>): Promise<Faults> {
    requireAdmin(ctx);
    const { delay, failPercent, hang, crash } = ctx.params;
    const faults: Faults = { delay, failPercent, hang, crash };
    await ctx.broadcast(FAULTS_CHANGED, { service: this.name, ...faults } satisfies FaultsChanged);
    return faults;
  },
} satisfies Action<FaultyService>;

/** Adds the action `setFaults` (administrators), and has the named actions suffer what it sets. */
export function withFaults(actions: readonly string[]): Partial<ServiceSchema> {
  const names = actions.join('|');
  const schema: Partial<ServiceSchema<ServiceSettingSchema, object, object, FaultyService>> = {
    created() {
      this.faults = none;
      this.faultsChanged = new AbortController();
    },
    actions: { setFaults },
    events: {
      [FAULTS_CHANGED](ctx: Context<FaultsChanged>) {
        const { service, ...faults } = ctx.params;
        if (service !== this.name) return;
        this.faults = faults;
        this.faultsChanged.abort();
        this.faultsChanged = new AbortController();
      },
    },
    hooks: {
      before: {
        async [names](ctx: Context<unknown, object, FaultyLocals>) {
          const { faults, faultsChanged } = this;
          const wait = faults.hang ? 2 ** 31 - 1 : faults.delay;
          if (wait > 0) await delay(wait, undefined, { signal: faultsChanged.signal }).catch(() => {});
          if (faults.crash && Math.random() < 0.5) crash();
          const drawn = Math.random() * 100;
          if (drawn >= faults.failPercent) return;
          if (drawn < faults.failPercent / 2) throw shopError('FAULT_INJECTED');
          ctx.locals.failAfterwards = true;
        },
      },
      after: {
        async [names](ctx: Context<unknown, object, FaultyLocals>, answer: unknown) {
          if (this.faults.crash) crash();
          if (ctx.locals.failAfterwards) throw shopError('FAULT_INJECTED');
          return answer;
        },
      },
    },
  };
  return schema as unknown as Partial<ServiceSchema>;
}

/** Nothing is finished, closed or told. */
function crash(): void {
  process.kill(process.pid, 'SIGKILL');
}
