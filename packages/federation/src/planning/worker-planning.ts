import { type DocumentNode, GraphQLError, print } from 'graphql';
import { codedError } from '../coded-error.ts';
import { TaskThread, ThreadError } from '../threads/task-thread.ts';
import type { PlannedSupergraph, Planning, QueryPlan } from './planner.ts';
import type { PlanningReply, PlanningTask } from './planning-worker.ts';
import { fromFacts } from './supergraph-facts.ts';

export interface WorkerPlanningOptions {
  /** ms that one plan may take. 5,000 by default: what is within the limits takes a hundredth, unless it is made to. */
  readonly planTimeout?: number;
}

const PLAN_TIMEOUT_MS = 5_000;
const OPEN_TIMEOUT_MS = 60_000;

/** MiB; two generations of fifty subgraphs need a tenth. */
const MAX_HEAP = 2_048;

/** Plans that may wait. Their clients would not wait for more. */
const MAX_QUEUE = 500;

/**
 * Plans in a thread of its own: a plan takes 5 to 30 ms, a planner for fifty subgraphs 300, a hostile operation as long
 * as it is allowed to, and the event loop serves on meanwhile.
 *
 * A plan over its time is refused as OPERATION_TOO_COMPLEX and its thread ended; the others go on in a new one, which
 * opens supergraphs again as they are asked for.
 */
export class WorkerPlanning implements Planning {
  readonly #planTimeout: number;
  readonly #thread = new TaskThread<PlanningTask, PlanningReply>({
    name: 'planning',
    script: new URL('./planning-worker', import.meta.url),
    maxHeap: MAX_HEAP,
    maxQueue: MAX_QUEUE,
  });
  #supergraphs = 0;

  constructor({ planTimeout = PLAN_TIMEOUT_MS }: WorkerPlanningOptions = {}) {
    this.#planTimeout = planTimeout;
  }

  warm(): void {
    this.#thread.warm();
  }

  async open(supergraphSdl: string): Promise<PlannedSupergraph> {
    const supergraph = ++this.#supergraphs;
    // Before the plans that wait: they will be asked for again in the generation that this one makes possible.
    const open = async () => {
      const task: PlanningTask = { kind: 'open', supergraph, sdl: supergraphSdl };
      return expected('opened', await this.#thread.run(task, OPEN_TIMEOUT_MS, true));
    };
    const { names, isOfType } = fromFacts((await open()).facts);
    return {
      planner: {
        names,
        plan: (document, operationName) => this.#plan(supergraph, document, operationName, open),
      },
      isOfType,
      close: () => {
        // A thread that is gone has forgotten it, and need not be started for this.
        if (this.#thread.started)
          this.#thread.run({ kind: 'close', supergraph }, OPEN_TIMEOUT_MS, true).catch(() => undefined);
      },
    };
  }

  close(): Promise<void> {
    return this.#thread.close();
  }

  async #plan(
    supergraph: number,
    document: DocumentNode,
    operationName: string | undefined,
    open: () => Promise<unknown>,
  ): Promise<QueryPlan> {
    const task: PlanningTask = { kind: 'plan', supergraph, operation: print(document), operationName };
    try {
      let reply = await this.#thread.run(task, this.#planTimeout);
      if (reply.kind === 'unknown') {
        await open();
        reply = await this.#thread.run(task, this.#planTimeout);
      }
      return expected('planned', reply).plan;
    } catch (error) {
      throw error instanceof ThreadError ? this.#toClientError(error) : error;
    }
  }

  #toClientError(error: ThreadError): GraphQLError {
    if (error.reason !== 'timeout')
      return codedError('QUERY_PLANNING_UNAVAILABLE', 'The operation could not be planned now.', undefined, {
        cause: error,
      });
    const extensions = { limit: 'planningTime', max: this.#planTimeout };
    const message = `The operation takes more than ${this.#planTimeout} ms to plan.`;
    return codedError('OPERATION_TOO_COMPLEX', message, undefined, { extensions });
  }
}

/** @throws what the thread says it failed by. */
function expected<K extends PlanningReply['kind']>(
  kind: K,
  reply: PlanningReply,
): Extract<PlanningReply, { kind: K }> {
  if (reply.kind === kind) return reply as Extract<PlanningReply, { kind: K }>;
  if (reply.kind !== 'failed') throw new ThreadError('died', `the planning thread replied ${reply.kind}`);
  throw new GraphQLError(reply.message, {
    ...(typeof reply.code === 'string' && { extensions: { code: reply.code } }),
  });
}
