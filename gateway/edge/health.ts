/** Liveness and readiness, for load balancers, Kubernetes and people who ask what is missing. */
import type { ServiceBroker } from 'moleculer';
import { type SupergraphView, unavailableSubgraphs } from './supergraph-view.ts';

export interface Readiness {
  /** True as soon as there is a supergraph to serve: the last good one serves on while a part below is away. */
  readonly ready: boolean;
  readonly generation: number;
  /** What a person would have to mend, in words. Empty when all is well. */
  readonly missing: readonly string[];
  readonly transporter: 'none' | 'connected' | 'disconnected';
  /** `local` is Moleculer's own, which learns from the transporter alone. */
  readonly discoverer: { readonly kind: string; readonly connected?: boolean; readonly error?: string };
  readonly subgraphs: {
    readonly serving: number;
    readonly unavailable: readonly string[];
    readonly refused: readonly string[];
  };
}

export function readinessOf(broker: ServiceBroker, view: SupergraphView, stopping: boolean): Readiness {
  const transporter = transporterState(broker);
  const discoverer = discovererState(broker);
  const unavailable = unavailableSubgraphs(view);
  const missing: string[] = [];
  if (stopping) missing.push('this instance is stopping');
  if (transporter === 'disconnected') missing.push('transporter: not connected');
  if (discoverer.error !== undefined) missing.push(`${discoverer.kind}: ${discoverer.error}`);
  else if (discoverer.connected === false) missing.push(`${discoverer.kind}: not connected`);
  if (view.generation === 0) missing.push('supergraph: none composed yet');
  for (const name of unavailable) missing.push(`subgraph ${name}: no instance`);
  for (const { name, reason } of view.pending)
    missing.push(`subgraph ${name}: schema not read yet${reason ? ` (${reason})` : ''}`);
  for (const { name, reason } of view.refused) missing.push(`subgraph ${name}: refused (${reason})`);
  return {
    ready: view.generation > 0 && !stopping,
    generation: view.generation,
    missing,
    transporter,
    discoverer,
    subgraphs: {
      serving: view.subgraphs.length - unavailable.length,
      unavailable,
      refused: view.refused.map(({ name }) => name),
    },
  };
}

function transporterState(broker: ServiceBroker): Readiness['transporter'] {
  if (!broker.transit) return 'none';
  return (broker.transit as unknown as { connected: boolean }).connected ? 'connected' : 'disconnected';
}

/** Moleculer's discoverers say nothing of themselves; one with a `status()`, such as the Consul one, does. */
function discovererState(broker: ServiceBroker): Readiness['discoverer'] {
  const discoverer = broker.registry?.discoverer as unknown as
    | { status?: () => { connected?: boolean; error?: { message?: string } } }
    | undefined;
  const kind = discoverer?.constructor.name.replace(/Discoverer$/, '').toLowerCase() ?? 'none';
  if (typeof discoverer?.status !== 'function') return { kind };
  const { connected, error } = discoverer.status();
  return {
    kind,
    ...(connected !== undefined && { connected }),
    ...(error?.message !== undefined && { error: error.message }),
  };
}
