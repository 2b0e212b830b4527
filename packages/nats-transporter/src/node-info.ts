/** What an INFO packet says about itself. */
export interface InfoPayload {
  readonly sender: string;
  readonly instanceID?: string;
  readonly seq?: number;
  readonly services?: readonly unknown[];
}

export interface KnownNode {
  readonly local: boolean;
  readonly available: boolean;
  readonly instanceID: string | null;
  readonly seq: number;
}

/**
 * What to make of an INFO, before Moleculer's registry sees it: `stale` (older than what is known: Moleculer would
 * overwrite the node's services before it looks at the sequence), `restarted` (another instance under the same node
 * id: calls in flight to the old one would wait for their timeout), or `news`.
 */
export function judgeInfo(info: InfoPayload, known: KnownNode | undefined): 'stale' | 'restarted' | 'news' {
  if (!known || known.local || !known.available) return 'news';
  if (known.instanceID !== info.instanceID) return 'restarted';
  return (info.seq ?? 1) < known.seq ? 'stale' : 'news';
}
