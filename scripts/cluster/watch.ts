/** Notices service files that appear while a cluster runs. */
import { watch } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { findServiceFiles } from '../cli/service-files.ts';

/** An editor writes a file in several steps; this long after the last one it is read. */
const SETTLE_MS = 30;

/** Calls `appeared` once for each unit that comes up in `folder` and is not in `known`. Ends with `signal`. */
export async function watchServices(
  folder: string,
  known: Iterable<string>,
  appeared: (unit: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const seen = new Set(known);
  let scheduled = false;
  const scan = async () => {
    await delay(SETTLE_MS);
    scheduled = false;
    for (const unit of (await findServiceFiles(folder)).keys()) {
      if (seen.has(unit) || signal.aborted) continue;
      seen.add(unit);
      appeared(unit);
    }
  };
  watch(folder, { recursive: true, signal }, () => {
    if (scheduled) return;
    scheduled = true;
    void scan();
  });
}
