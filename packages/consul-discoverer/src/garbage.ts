/**
 * Deletes the INFO of nodes that were killed: Consul takes their entries out of the catalogue itself, their keys stay.
 * Each node does it once, some time after its start, for what it found at its start; so what is left over is bounded by
 * what died since the last start of any node.
 */
import { pause } from './backoff.ts';
import type { ConsulApi, KvPair } from './consul-api.ts';
import { decodeInfo } from './node-info.ts';

/** Consul deregisters a critical node after a minute and looks every half; the rest is for a node that is just starting. */
const AFTER = 150_000;

export interface GarbageView {
  readonly api: ConsulApi;
  /** What lay in the KV store at the start. */
  infos(): readonly KvPair[];
  isListed(nodeID: string): boolean;
  readonly signal: AbortSignal;
}

/** Runs in the background; failures are left to the next node that starts. */
export function collectGarbage(view: GarbageView, afterMs = AFTER): void {
  void (async () => {
    await pause(afterMs * (1 + Math.random()), view.signal);
    if (view.signal.aborted) return;
    for (const pair of view.infos()) {
      // By version: a node that came back in the meantime has written a new one.
      if (!view.isListed(senderOf(pair))) await view.api.deleteKey(pair.key, pair.modifyIndex);
    }
  })().catch(() => undefined);
}

function senderOf(pair: KvPair): string {
  try {
    return decodeInfo(pair.value).info.sender;
  } catch {
    return '';
  }
}
