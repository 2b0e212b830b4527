import type { NatsConnection } from 'nats';

/** The first nats-server whose `sync_interval: always` holds in every path (Jepsen's findings on 2.12.1 and before). */
const SYNCED_SINCE = [2, 10, 23] as const;

export interface DurabilityOptions {
  readonly replicas: number;
  /** http://host:8222 of any server: only there a server tells how it syncs. */
  readonly monitoringUrl?: string | undefined;
}

/** What `/jsz` tells, as far as it is read here. */
interface JetStreamState {
  readonly config?: { readonly sync_always?: boolean };
  readonly meta_cluster?: { readonly cluster_size?: number };
}

/**
 * One sentence for each setting with which an acknowledged message can be lost; each names the setting.
 * Never rejects: what cannot be found out is a warning too.
 */
export async function durabilityWarnings(
  connection: NatsConnection,
  options: DurabilityOptions,
): Promise<string[]> {
  const { info } = connection;
  const warnings: string[] = [];
  if (info && isBefore(info.version, SYNCED_SINCE))
    warnings.push(
      `nats-server ${info.version} may acknowledge before it syncs whatever its settings say: use ${SYNCED_SINCE.join('.')} or later`,
    );
  const state = await readState(options.monitoringUrl);
  if (!state)
    warnings.push(
      'it is not known whether JetStream syncs before it acknowledges: set `jetstream { sync_interval: always }` on every server, ' +
        (options.monitoringUrl
          ? `and see why ${options.monitoringUrl}/jsz does not answer`
          : 'and give its `monitoringUrl` so that this can be checked'),
    );
  else if (!state.config?.sync_always)
    warnings.push(
      'JetStream acknowledges before it syncs to the disk, so that a power failure loses acknowledged messages: set `jetstream { sync_interval: always }`',
    );
  const servers =
    state?.meta_cluster?.cluster_size ?? (info?.cluster ? Math.max(2, info.connect_urls?.length ?? 0) : 1);
  const wanted = Math.min(servers, 3);
  if (options.replicas < wanted)
    warnings.push(
      `streams are made with ${options.replicas} replica(s) in a cluster of ${servers} servers: set \`replicas\` to ${wanted}`,
    );
  return warnings;
}

async function readState(url: string | undefined): Promise<JetStreamState | undefined> {
  if (!url) return undefined;
  try {
    const response = await fetch(new URL('/jsz', url), { signal: AbortSignal.timeout(2_000) });
    return response.ok ? ((await response.json()) as JetStreamState) : undefined;
  } catch {
    return undefined;
  }
}

function isBefore(version: string, than: readonly number[]): boolean {
  const parts = version.split(/[.-]/).map(Number);
  for (const [index, part] of than.entries()) {
    const own = parts[index] ?? 0;
    if (own !== part) return own < part;
  }
  return false;
}
