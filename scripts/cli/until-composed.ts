/** Waits for a gateway to serve what has been started beside it. */
import { setTimeout as delay } from 'node:timers/promises';
import { UnavailableError } from './run.ts';

interface Supergraph {
  readonly subgraphs?: ReadonlyArray<{ readonly name: string; readonly instances: readonly string[] }>;
}

/**
 * Resolves once the supergraph of the gateway at `url` holds every one of `subgraphs` with an instance that serves it: a
 * gateway that restarts serves its last supergraph at once, before it has found anybody to ask.
 * @throws UnavailableError after `timeoutMs`, with what the gateway last said.
 */
export async function untilComposed(
  url: string,
  subgraphs: ReadonlySet<string>,
  timeoutMs = 60_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  let last = 'no answer';
  for (;;) {
    try {
      const response = await fetch(`${url}/supergraph`, {
        headers: { accept: 'application/json' },
        signal: AbortSignal.timeout(5_000),
      });
      const text = await response.text();
      last = `${response.status} ${text.slice(0, 300)}`;
      if (response.ok) {
        const { subgraphs: served = [] } = JSON.parse(text) as Supergraph;
        const missing = [...subgraphs].filter(
          (name) => !served.some((each) => each.name === name && each.instances.length > 0),
        );
        if (missing.length === 0) return;
        last = `still without ${missing.join(', ')}`;
      }
    } catch (error) {
      last = String(error);
    }
    if (Date.now() > deadline)
      throw new UnavailableError(`${url} is not ready after ${timeoutMs} ms: ${last}`);
    await delay(30);
  }
}
