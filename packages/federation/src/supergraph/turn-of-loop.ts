/** Lets everything else that is due have its turn, sockets too. */
export const turnOfLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
