import { setTimeout as delay } from 'node:timers/promises';
import { Discoverers, type Transit } from 'moleculer';

/** What Moleculer's transit keeps to itself and a replacement of its `afterConnect` needs. */
interface TransitStart {
  /** Resolves `transit.connect()`, and with it `broker.start()`; given a rejected promise, it rejects them. */
  __connectResolve: ((outcome: unknown) => void) | null;
}

/** Peers answer a DISCOVER within milliseconds; so long without a new INFO means that all have. Units: ms. */
const QUIET_MS = 40;
const LONGEST_QUIET_MS = 400;
const DISCOVER_AGAIN_MS = 500;

/** When the last INFO of a peer came in, on the clock of `performance.now()`. */
export type LastInfo = () => number;

/**
 * Moleculer's `transit.afterConnect` (transit.js:140) without its fixed 500 ms, and with what it leaves out.
 *
 * First connect: subscribe (and be sure of it), discover, then `$transporter.connected`. After a reconnect the
 * client has its subscriptions back; peers are told and asked at once. A discoverer that fails is asked again: a
 * rejection here would make the transit open a second connection beside this one, and every call would run twice.
 *
 * @throws what `transit.makeSubscriptions` throws.
 */
export async function join(
  transit: Transit,
  wasReconnect: boolean,
  lastInfo: LastInfo,
  signal: AbortSignal,
): Promise<void> {
  const { broker, discoverer } = transit;
  if (wasReconnect) {
    transit.connected = true;
    await discoverer.sendLocalNodeInfo().catch((error: unknown) => {
      transit.logger.warn('The peers could not be told of the reconnect; the next heartbeat will.', error);
    });
  } else {
    await transit.makeSubscriptions();
  }
  await discoverAll(transit, signal);
  // A discoverer with a store of its own (Consul, Redis) has read everything by now.
  if (!wasReconnect && discoverer instanceof Discoverers.Local) await quiet(lastInfo, signal);
  if (signal.aborted) return;
  transit.connected = true;
  broker.metrics.set('moleculer.transit.connected', 1);
  broker.broadcastLocal('$transporter.connected', { wasReconnect });
  const start = transit as unknown as TransitStart;
  if (!start.__connectResolve) return;
  transit.isReady = true;
  start.__connectResolve(null);
  start.__connectResolve = null;
}

/** The connection is gone but expected back: calls fail at once, heartbeats rest, nobody is forgotten. */
export function suspend(transit: Transit): void {
  transit.connected = false;
  transit.broker.metrics.set('moleculer.transit.connected', 0);
  transit.broker.broadcastLocal('$transporter.disconnected', { graceFul: false });
}

/** Makes `broker.start()` reject. Without effect once it is through. */
export function failStart(transit: Transit, error: Error): void {
  const start = transit as unknown as TransitStart;
  start.__connectResolve?.(Promise.reject(error));
  start.__connectResolve = null;
}

async function discoverAll(transit: Transit, signal: AbortSignal): Promise<void> {
  for (let told = false; !signal.aborted; ) {
    try {
      await transit.discoverer.discoverAllNodes();
      return;
    } catch (error) {
      if (!told)
        transit.logger.warn('The discoverer cannot list the nodes yet; asking again until it can.', error);
      told = true;
      await delay(DISCOVER_AGAIN_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

async function quiet(lastInfo: LastInfo, signal: AbortSignal): Promise<void> {
  const begin = performance.now();
  for (;;) {
    const now = performance.now();
    const left = Math.min(Math.max(begin, lastInfo()) + QUIET_MS, begin + LONGEST_QUIET_MS) - now;
    if (left <= 0 || signal.aborted) return;
    await delay(left, undefined, { signal }).catch(() => undefined);
  }
}
