/** @returns false when the time is over first. Rejects as `ended` does. */
export async function endsWithin(ms: number, ended: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  try {
    return (await Promise.race([ended, patience])) !== false;
  } finally {
    clearTimeout(timer);
  }
}
