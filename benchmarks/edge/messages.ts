/** What a side of the comparison says when it listens. */
export interface EdgeReady {
  readonly port: number;
  /** Of a signed-in client; the bare server knows none. */
  readonly token: string | undefined;
}

/** What both sides answer. */
export const ANSWER = JSON.stringify({
  data: { topProducts: ['Table', 'Couch', 'Chair', 'Lamp', 'Shelf'].map((name) => ({ name })) },
});
