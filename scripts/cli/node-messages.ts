/** What a child process tells the one that started it, over the IPC channel. */
export type FromNode =
  /** The broker runs and its services are announced. */
  | {
      readonly type: 'started';
      readonly nodeID: string;
      /** Names of the subgraphs it serves. */
      readonly subgraphs: readonly string[];
      /** Base URL of the gateway, where the node is one. */
      readonly url: string | undefined;
    }
  /** It could not start. `final`: only a person can mend it, so starting again is of no use. */
  | { readonly type: 'failed'; readonly reason: string; readonly final: boolean };

/** Sends to the parent, when there is one; resolves once the message has left. */
export function tellParent(message: object): Promise<void> {
  return new Promise((done) => {
    if (process.connected) process.send?.(message, () => done());
    else done();
  });
}
