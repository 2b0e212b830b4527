/** What a process of subgraphs and the benchmark tell each other over IPC. */
export type FromSubgraphs =
  | { readonly type: 'ready'; readonly urls: Readonly<Record<string, string>> }
  | { readonly type: 'count'; readonly requests: number };

/** Answers every message with the requests so far; ends with the process that started this one. */
export function serveCount(requests: () => number): void {
  process.on('message', () =>
    process.send?.({ type: 'count', requests: requests() } satisfies FromSubgraphs),
  );
  process.on('disconnect', () => process.exit(0));
}
