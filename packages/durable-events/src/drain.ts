/** True when all of `running` settled within `timeout` ms, false when that passed first. */
export async function settledWithin(
  running: readonly (Promise<unknown> | undefined)[],
  timeout: number,
): Promise<boolean> {
  if (running.every((entry) => entry === undefined)) return true;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, timeout, false);
  });
  // allSettled: a rejection is an end too, and handled by whoever made the promise.
  const done = Promise.allSettled(running).then(() => true as const);
  const settled = await Promise.race([done, late]);
  clearTimeout(timer);
  return settled;
}
