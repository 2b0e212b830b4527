import type { Logger } from '../src/channel.ts';

/** A logger on which a test can wait. */
export interface Log {
  readonly logger: Logger;
  /** Resolves when a line with this text was logged, now or before. */
  until(text: string): Promise<void>;
}

export function createLog(): Log {
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const log = (...args: unknown[]) => {
    lines.push(args.map(String).join(' '));
    for (const check of waiting) check();
  };
  return {
    logger: { info: log, warn: log, error: log },
    until: (text) =>
      new Promise((resolve) => {
        const check = () => {
          if (!lines.some((line) => line.includes(text))) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
  };
}
