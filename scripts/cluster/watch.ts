/** Notices service files that appear or change while a cluster runs. */
import { watch } from 'node:fs';
import { sep } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findServiceFiles } from '../cli/service-files.ts';

/** An editor writes a file in several steps; this long after the first one it is read. */
const SETTLE_MS = 30;

export interface ServiceWatcher {
  /** A unit that was not there. */
  appeared(unit: string): void;
  /** Something in the folder of a unit that was there. */
  changed(unit: string): void;
  /** The system watches no more, for want of inotify watches say; nothing further is noticed. */
  failed(error: Error): void;
}

/** Watches `folder`, whose units `known` are there already, until `signal`. */
export function watchServices(
  folder: string,
  known: Iterable<string>,
  watcher: ServiceWatcher,
  signal: AbortSignal,
): void {
  const seen = new Set(known);
  let touched = new Set<string>();
  const scan = async () => {
    await delay(SETTLE_MS);
    // The folder itself may be gone for a moment, as when a branch is switched.
    const units = [...(await findServiceFiles(folder).catch(() => new Map<string, never>())).keys()];
    const now = touched;
    touched = new Set();
    for (const unit of units) {
      if (signal.aborted) return;
      if (!seen.has(unit)) watcher.appeared(unit);
      else if (now.has(unit)) watcher.changed(unit);
      seen.add(unit);
    }
  };
  const watching = watch(folder, { recursive: true, signal }, (_event, file) => {
    // A name may be missing when events come faster than they are read: the scan finds new units all the same.
    const unit = file?.split(sep)[0]?.replace(/\.service\.ts$/, '') ?? '';
    if (touched.size === 0) void scan();
    touched.add(unit);
  });
  watching.on('error', (error) => watcher.failed(error));
}
