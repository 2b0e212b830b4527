/** The thread that composes: see `composer.ts`. Runs as it is, by Node's own type stripping or built. */
import { parentPort } from 'node:worker_threads';
import { type CompositionOutcome, compose, type SubgraphInput } from './compose.ts';

export interface CompositionTask {
  readonly id: number;
  readonly subgraphs: readonly SubgraphInput[];
}

export interface CompositionReply {
  readonly id: number;
  readonly outcome: CompositionOutcome;
}

parentPort?.on('message', ({ id, subgraphs }: CompositionTask) => {
  parentPort?.postMessage({ id, outcome: compose(subgraphs) } satisfies CompositionReply);
});
