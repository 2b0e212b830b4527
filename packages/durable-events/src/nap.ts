/** A wait that somebody can cut short. Cheaper than an AbortSignal, whose every abort makes an exception. */
export interface Nap {
  /** Resolves after `ms`, or at once when `wake` was called since the last one ended. */
  sleep(ms: number): Promise<void>;
  wake(): void;
}

export function createNap(): Nap {
  let awake = false;
  let rise: (() => void) | undefined;
  return {
    async sleep(ms) {
      if (!awake)
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          rise = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      rise = undefined;
      awake = false;
    },
    wake() {
      awake = true;
      rise?.();
    },
  };
}
