import type { Load } from './http-connection.ts';

/** One closed loop: each connection asks again when it has its answer. */
export interface Task {
  readonly load: Load;
  readonly connections: number;
  /** Not measured; answers are checked all the same. */
  readonly warmUpMs: number;
  readonly ms: number;
  /** The answer that every answer must equal, as JSON. */
  readonly right: string;
}

/** `begin` and `end` enclose what is measured, in this order; `idle` says that the next task may come. */
export type FromClients =
  | { readonly type: 'begin' }
  | {
      readonly type: 'end';
      readonly answers: number;
      readonly seconds: number;
      /** Latencies in ms. */
      readonly p50: number;
      readonly p99: number;
      readonly wrong: number;
      /** The end of the first wrong one. */
      readonly example: string | undefined;
      readonly failure: string | undefined;
    }
  | {
      readonly type: 'idle';
      /** Answers since the task began, the warm-up's and the last ones included. */
      readonly all: number;
    };
