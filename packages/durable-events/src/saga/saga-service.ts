import type { Context, ServiceSchema } from 'moleculer';
import type { SagaRunner } from './saga-runner.ts';
import type { SagaQuery } from './saga-store.ts';
import { type SagaSummary, summaryOf } from './saga-summary.ts';

/**
 * `call <name>.list --status stuck`, `.read`, `.resume`: a Moleculer service over the sagas of another one, for the REPL and for
 * whoever watches over them. `list` answers a row each, what is longest without a change first; `read` the whole record. A saga that
 * is neither stuck nor done and has not changed for long waits for an event: find it by `unchangedFor` (ms).
 */
export function createSagaService(name: string, runner: () => SagaRunner): ServiceSchema {
  const one = { saga: 'string', id: 'string|convert' };
  return {
    name,
    actions: {
      list: {
        params: {
          saga: 'string|optional',
          status: { type: 'enum', values: ['running', 'stuck', 'done'], optional: true },
          unchangedFor: { type: 'number', optional: true, convert: true, min: 0 },
          limit: { type: 'number', optional: true, convert: true, integer: true, min: 1, max: 1_000 },
        },
        handler: async (ctx: Context<SagaQuery>): Promise<SagaSummary[]> =>
          (await runner().list(ctx.params)).map(summaryOf),
      },
      read: {
        params: one,
        handler: (ctx: Context<{ saga: string; id: string }>) =>
          runner().read(ctx.params.saga, ctx.params.id),
      },
      resume: {
        params: one,
        handler: (ctx: Context<{ saga: string; id: string }>) =>
          runner().resume(ctx.params.saga, ctx.params.id),
      },
    },
  };
}
